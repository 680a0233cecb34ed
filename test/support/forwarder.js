/** Passes connections on to a port of this machine, as SSH and containers do, and as whoever runs it: `forwarder.js <port> [address]`. */
import { connect, createServer } from 'node:net'

const [port, address = '127.0.0.1'] = process.argv.slice(2)
const server = createServer({ allowHalfOpen: true }, (client) => {
  const onward = connect({ port: Number(port), host: address, allowHalfOpen: true })
  client.pipe(onward).pipe(client)
  client.on('error', () => onward.destroy()).on('close', () => onward.destroy())
  onward.on('error', () => client.destroy())
})
server.listen(0, '127.0.0.1', () => {
  const at = server.address()
  console.log(`forwarding port ${typeof at === 'object' && at !== null ? at.port : 0}`)
})
