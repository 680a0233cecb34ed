/** Listens where another process was registered: `port-taker.js http | ws`. Prints its port, and every byte count that it hears. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const http = createServer((_request, response) => response.end('hello'))
if (process.argv[2] === 'ws') new WebSocketServer({ server: http })
http.on('connection', (socket) => {
  console.log('connection')
  socket.on('data', (chunk) => console.log(`heard ${chunk.length} bytes`))
  socket.on('close', () => console.log('closed'))
})
http.listen(0, '127.0.0.1', () => {
  const address = http.address()
  if (address !== null && typeof address === 'object') console.log(`port ${address.port}`)
})
