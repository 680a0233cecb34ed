/** A program outside of a page that uses the client: `client-program.js <hub>`. Says what it hears from a server named echo. */
import { createClient } from 'wsyard/client'

const client = createClient({ hub: String(process.argv[2]) })
client.connectAll()
client.on('message', (server, data) => console.log(`${server.name} to all: ${data}`))
const socket = client.connect('echo')
socket.onopen = () => {
  client.broadcast('hello')
  socket.send('hello')
}
socket.onmessage = ({ data }) => {
  console.log(`socket: ${data}`)
  socket.close(4000, 'enough')
}
socket.onclose = ({ code, reason, wasClean }) => {
  console.log(`closed: ${code} ${reason} ${wasClean}`)
  client.close() // after which nothing keeps the program alive
}
