/** A server that asks for a token, and tells each client how it was asked. */
import { createServer } from 'wsyard/server'

const server = await createServer({
  name: 'guarded',
  onConnection: (socket, { url }) => socket.send(`hello at ${url}`),
  onWarning: (warning) => console.warn(warning),
})
console.log(server)
console.log(`ready ${server.id}`)
