/**
 * An echo server that prints the code of each warning beside its message, and goes on.
 */
import { createServer } from 'wsyard/server'

const server = await createServer({
  auth: 'open',
  onConnection(socket) {
    socket.on('message', (message) => socket.send(`Echo: ${message}`))
  },
  onWarning: ({ code, message }) => console.log(`warning ${code}: ${message}`),
})
console.log(`[${server.id}] WebSocket server listening on port ${server.port}`)
