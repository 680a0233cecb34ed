/**
 * A machine: two servers and a hub, whose URL it prints. The environment says where the registry is; it is the same code as on a
 * machine alone. Ends with its input: `machine.js <name> <address>`.
 */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createHub } from 'wsyard/hub'
import { createServer } from 'wsyard/server'

const [machine = 'machine', host = '127.0.0.1'] = process.argv.slice(2)
const onWarning = (/** @type {Error} */ { message }) => console.error(`${machine}: ${message}`)

const names = ['a', 'b'].map((letter) => `${machine}-${letter}`)
const servers = await Promise.all(
  names.map((name) =>
    createServer({
      name,
      host,
      advertise: host, // a server that listens at an address of its network has no need to say so
      onConnection: (socket) => socket.on('message', (data) => socket.send(`${name} heard ${data}`)),
      onWarning,
    }),
  ),
)

const hub = createHub({ onWarning })
const http = createHttpServer((request, response) => {
  if (!hub.handleRequest(request, response)) response.writeHead(302, { location: '/__wsyard/' }).end()
})
http.on('upgrade', (request, socket, head) => {
  if (!hub.handleUpgrade(request, socket, head)) socket.destroy()
})
await once(http.listen(0, '127.0.0.1'), 'listening')
const address = http.address()
console.log(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`)

await once(process.stdin.resume(), 'end')
await Promise.all(servers.map((server) => server.close()))
await hub.close()
process.exit()
