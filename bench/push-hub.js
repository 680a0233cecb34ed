/**
 * A hub in a process of its own: `push-hub.js [<home, or URL of a registry>]`. Without one its registry is in its memory, and each `{ change: true }`
 * that it is told makes one change. Sends its port, the time at which it heard of each change and, asked for it, what CPU
 * time and memory it has used.
 */
import { createServer } from 'node:http'
import { createHub } from '../dist/hub/index.js'
import { createMemoryRegistry, openRegistry } from '../dist/registry/index.js'
import { newEntry } from './present-entries.js'
import { answerForCost, listen } from './push-processes.js'
import { now } from './watching.js'

const [home] = process.argv.slice(2)
const registry =
  home === undefined
    ? createMemoryRegistry()
    : openRegistry(home.startsWith('etcd:') ? { registry: home } : { home })

// It follows the registry before the hub does, so it is told first; what it says waits until the hub has done its part.
registry.watch((event) => {
  const at = now()
  if (event.type === 'change') setImmediate(() => process.send?.({ type: 'change', at }))
})
const hub = createHub({ registry })
const http = createServer()
http.on('upgrade', (request, socket, head) => hub.handleUpgrade(request, socket, head))

/** @type {import('../dist/registry/index.js').Registration | undefined} */
let registration
process.on('message', async (/** @type {{ change?: true, bytes?: number }} */ { change, bytes = 0 }) => {
  if (change !== true) return
  const { id, port, name } = newEntry()
  if (registration === undefined)
    registration = await registry.register({
      port,
      id,
      name,
      ...(bytes > 0 && { meta: { padding: 'x'.repeat(bytes) } }),
    })
  else {
    const leaving = registration
    registration = undefined
    await leaving.close()
  }
})

answerForCost()
process.send?.({ type: 'ready', port: await listen(http) })
