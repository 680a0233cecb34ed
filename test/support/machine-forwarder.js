/** Passes connections to a socket in the file system on to a port of the machine on which it runs: `machine-forwarder.js <path> <port>`. */
import { connect, createServer } from 'node:net'

const [path, port] = process.argv.slice(2)
const server = createServer({ allowHalfOpen: true }, (client) => {
  const onward = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
  client.pipe(onward).pipe(client)
  client.on('error', () => onward.destroy()).on('close', () => onward.destroy())
  onward.on('error', () => client.destroy())
})
server.listen(path, () => console.log('forwards'))
