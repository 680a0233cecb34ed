/**
 * The floor of `start.js`: a `ws` server on a free port, and nothing else.
 */
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
server.on('listening', () => {
  const address = server.address()
  console.log(`WebSocket server listening on port ${typeof address === 'object' ? address?.port : address}`)
})
