/** Listens where nobody has any business, and says each connection aloud: `machine-trap.js <port>`. */
import { createServer } from 'node:net'

const server = createServer((socket) => {
  console.log('dialled')
  socket.destroy()
})
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('set'))
