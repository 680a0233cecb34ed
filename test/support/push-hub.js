/**
 * A hub in a process of its own, over a registry that is in its memory: `push-hub.js`. Sends its URL; told `{ changes }`, makes so many
 * changes of 4 KiB each, a turn of the event loop apart, and sends the revision that comes of it and its memory.
 */
import { createServer } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { createHub } from '../../dist/hub/index.js'
import { createMemoryRegistry } from '../../dist/registry/index.js'

const registry = createMemoryRegistry()
const hub = createHub({ registry })
const http = createServer()
http.on('upgrade', (request, socket, head) => hub.handleUpgrade(request, socket, head))
http.listen(0, '127.0.0.1', () => {
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.send?.({ url: `ws://127.0.0.1:${port}/api/registry` })
})

let revision = 0
registry.watch((event) => {
  revision = event.revision
})
const meta = { text: 'x'.repeat(3900) }

process.on('message', async (/** @type {{ changes: number }} */ { changes }) => {
  const until = revision + changes
  while (revision < until) {
    const registration = await registry.register({ port: 8080, meta })
    await setImmediate()
    await registration.close()
    await setImmediate()
  }
  globalThis.gc?.()
  process.send?.({ revision, rss: process.memoryUsage.rss() })
})
process.on('disconnect', () => process.exit())
