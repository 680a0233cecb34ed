/**
 * The program of a random run that knows nothing of wsyard: reads `servers.json`, changes its own line, and writes the
 * file in place, without locks. Tells its parent when it was writing into which file, and what it could not read.
 */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

const home = process.env.SHIPYARD_HOME ?? ''
const file = join(home, 'servers.json')
const now = () => Number(process.hrtime.bigint())

const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const address = server.address()
const port = typeof address === 'object' && address !== null ? address.port : 0

/** @returns {{ servers: { id: string }[] } | undefined} */
function read() {
  const invoked = now()
  let text = ''
  try {
    if (!existsSync(file)) return { servers: [] }
    text = readFileSync(file, 'utf8')
    return JSON.parse(text)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return { servers: [] }
    process.send?.({ torn: file, inode: 0, invoked, returned: now(), text: text.slice(0, 2000) })
    return undefined
  }
}

/**
 * What `writeFileSync` does, but that the file is told by its inode.
 * @param {object} registry
 */
function write(registry) {
  const invoked = now()
  try {
    mkdirSync(home, { recursive: true })
    const descriptor = openSync(file, 'w')
    const { ino } = fstatSync(descriptor)
    writeSync(descriptor, JSON.stringify(registry, null, 2))
    closeSync(descriptor)
    process.send?.({ wrote: ino, invoked, returned: now() })
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error // `rm` took the home
  }
}

process.on('message', (/** @type {{ do: string, id: string }} */ command) => {
  const registry = read()
  if (registry === undefined) return
  const others = registry.servers.filter(({ id }) => id !== command.id)
  const line = { id: command.id, port, pid: process.pid, startedAt: new Date().toISOString() }
  write({ ...registry, servers: command.do === 'add line' ? [...others, line] : others })
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: 'naive writer' })
