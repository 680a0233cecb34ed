/**
 * The server at the other end of the relay: echoes, asks for a token, and sends its port and that token.
 */
import { createServer } from '../dist/server/index.js'

const server = await createServer({
  name: 'echo',
  maxPayloadBytes: 1024 * 1024,
  onConnection: (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })),
})
process.send?.({ port: server.port, token: server.registration.entry.token?.reveal() })
process.on('disconnect', () => process.exit())
