/** A WebSocket server that registers itself. */
import { createServer } from 'wsyard/server'

const { port } = await createServer({
  name: 'worker',
  onConnection: (socket) => socket.on('message', (data) => socket.send(`worker: ${data}`)),
})
console.log(`worker listens at port ${port}`)
