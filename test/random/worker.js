/**
 * A server process of a random run: does what its parent tells it, one thing after the other, and writes down when it
 * began each and how it ended: `worker.js <name> <record file> [<defect>]`. It judges nothing.
 */
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { openRegistry } from 'wsyard/registry'

/** @typedef {import('./records.js').Command} Command */

const [name = '', file = '', defect] = process.argv.slice(2)
const record = openSync(file, 'a')
const now = () => Number(process.hrtime.bigint())

/** @param {object} line one of `records.ts` */
const write = (line) => writeSync(record, `${JSON.stringify(line)}\n`)

/** @param {import('wsyard/registry').WsyardError} warning */
const onWarning = ({ code, message }) => write({ at: now(), warning: code, message })
const registry =
  defect === undefined
    ? openRegistry({ onWarning })
    : (await import('./defective-registries.js')).openDefective(defect, { onWarning })

/** @type {Map<string, Pick<import('wsyard/registry').Registration, 'id' | 'close'>>} */
const registrations = new Map()

// Whatever asks gets an answer, which is all that a probe wants.
const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const address = server.address()
const port = typeof address === 'object' && address !== null ? address.port : 0

/** @param {Command} command */
async function carryOut(command) {
  if (command.do === 'finish') {
    process.send?.({ finished: command.round })
    return
  }
  if (command.do === 'register') {
    const { id, run } = command
    write({ at: now(), call: 'register', id, run })
    try {
      registrations.set(run, await registry.register({ id, port, meta: { run } }))
      write({ at: now(), result: 'ok' })
    } catch (error) {
      const { code, message } = /** @type {import('wsyard/registry').WsyardError} */ (error)
      write({ at: now(), result: code === 'WSYARD_ERR_ID_TAKEN' ? 'taken' : 'failed', code, message })
    }
  }
  if (command.do === 'deregister') {
    const registration = registrations.get(command.run)
    if (registration === undefined) return // it was refused
    registrations.delete(command.run)
    write({ at: now(), call: 'deregister', id: registration.id, run: command.run })
    try {
      await registration.close()
      write({ at: now(), result: 'ok' })
    } catch (error) {
      write({ at: now(), result: 'unknown', message: String(error) })
    }
  }
  if (command.do === 'list') {
    write({ at: now(), call: 'list' })
    try {
      const entries = await registry.list()
      const at = now()
      const seen = entries.flatMap(({ id, meta, instance }) =>
        instance === undefined ? [] : [[id, meta?.run]],
      )
      write({ at, result: 'ok', seen })
    } catch (error) {
      write({ at: now(), result: 'failed', message: String(error) })
    }
  }
}

// A lease is lost as well by a process that a busy machine does not let run: it notes how long it did not.
if (process.env.WSYARD_REGISTRY !== undefined) {
  let ranAt = now()
  setInterval(() => {
    const at = now()
    if (at - ranAt > 1e9) write({ at, stoodFrom: ranAt })
    ranAt = at
  }, 250)
}

let last = Promise.resolve()
process.on('message', (/** @type {Command} */ command) => {
  last = last.then(() => carryOut(command))
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: name })
