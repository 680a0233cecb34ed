/**
 * A WebSocket server in plain `ws` at the port in PORT, which knows nothing of wsyard. The first message ends it: it prints that, and
 * its exit code is 3.
 */
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.env.PORT) })
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    console.log(`Told to ${data}.`)
    process.exit(3)
  })
})
