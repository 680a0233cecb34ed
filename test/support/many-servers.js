/**
 * Servers that start and stop as they are told, in one process: `many-servers.js`, with a channel. Takes
 * `{ start: name }` and `{ stop: id }`, and sends `{ started: id, name, at }`, with the time just before it listened, and
 * `{ stopped: id }`.
 */
import { createServer } from 'wsyard/server'

/** @type {Map<string, import('wsyard/server').Server>} */
const servers = new Map()

process.on('message', async (/** @type {{ start?: string, stop?: string }} */ { start, stop }) => {
  if (start !== undefined) {
    const at = Date.now()
    const server = await createServer({
      name: start,
      auth: 'open',
      onConnection: (socket) => socket.on('message', (data) => socket.send(`${data}`)),
    })
    servers.set(server.id, server)
    process.send?.({ started: server.id, name: start, at })
  }
  if (stop !== undefined) {
    await servers.get(stop)?.close()
    servers.delete(stop)
    process.send?.({ stopped: stop })
  }
})
process.on('disconnect', () => process.exit())
