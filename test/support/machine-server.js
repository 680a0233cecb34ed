/**
 * A server that answers every message, as one machine has it for the others: `machine-server.js <name> <host> <port> <token|open>
 * [advertise]`.
 */
import { createServer } from 'wsyard/server'

const [name = 'server', host = '127.0.0.1', port = '0', auth, advertise] = process.argv.slice(2)
const server = await createServer({
  name,
  host,
  port: Number(port),
  auth: auth === 'open' ? 'open' : 'token',
  ...(advertise !== undefined && { advertise }),
  onConnection: (socket) => socket.on('message', (data) => socket.send(`${name} heard ${data}`)),
  onWarning: ({ code, message }) => console.log(`warning ${code}: ${message}`),
})
console.log(`ready ${server.id} ${server.registration.entry.instance}`)
