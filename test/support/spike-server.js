/**
 * A server that follows the text of the discovery spike literally and knows nothing of wsyard: plain read, push,
 * `writeFileSync`; port 0 on all interfaces; removes its entry on SIGINT and SIGTERM.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { WebSocketServer } from 'ws'

const directory = process.env.SHIPYARD_HOME ?? join(homedir(), '.shipyard')
const file = join(directory, 'servers.json')
const id = `server-${Date.now()}-${Math.random().toString(36).slice(2, 8)}`

/** @returns {{ servers: { id: string }[] }} */
function readRegistry() {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { servers: [] }
}

/** @param {unknown} registry */
function writeRegistry(registry) {
  mkdirSync(directory, { recursive: true })
  writeFileSync(file, JSON.stringify(registry, null, 2))
}

const server = new WebSocketServer({ port: 0 })
server.on('listening', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const registry = readRegistry()
  const startedAt = new Date().toISOString()
  writeRegistry({ servers: [...registry.servers, { id, port, pid: process.pid, startedAt, color: 'teal' }] })
  console.log(`[${id}] WebSocket server listening on port ${port}`)
})
server.on('connection', (socket) => {
  socket.on('message', (message) => socket.send(`[${id}] Echo: ${message}`))
})

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    const registry = readRegistry()
    writeRegistry({ servers: registry.servers.filter((entry) => entry.id !== id) })
    process.exit(0)
  })
}
