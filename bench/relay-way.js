/**
 * One way from a client to a server, in a process of its own: `relay-way.js hub | pipe | proxy <port> <token>`. Sends the port
 * at which it listens and, asked for it, what memory it has.
 */
import { createServer, request as sendRequest } from 'node:http'
import { createProxyServer } from 'http-proxy-3'
import { createHub } from '../dist/hub/index.js'

const [way = '', port = '', token = ''] = process.argv.slice(2)
const authorization = `Bearer ${token}`

/** @typedef {(request: import('node:http').IncomingMessage, socket: import('node:stream').Duplex, head: Buffer) => void} OnUpgrade */

/** @type {Record<string, () => OnUpgrade>} */
const ways = {
  hub() {
    const hub = createHub({ maxRelays: 4096 })
    return (request, socket, head) => {
      if (!hub.handleUpgrade(request, socket, head)) socket.destroy()
    }
  },
  // The floor: the same handshake, passed on with as little as it takes, and then two pipes.
  pipe: () => (request, socket) => {
    const headers = { ...request.headers, host: `127.0.0.1:${port}`, authorization }
    sendRequest({ port, host: '127.0.0.1', path: '/', headers })
      .on('upgrade', (answer, server) => {
        server.setNoDelay(true)
        const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`)
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`)
        socket.pipe(server).pipe(socket)
        socket.on('error', () => server.destroy())
        server.on('error', () => socket.destroy())
      })
      .end()
  },
  proxy() {
    const proxy = createProxyServer({
      target: `http://127.0.0.1:${port}`,
      headers: { authorization },
      ws: true,
    })
    proxy.on('error', () => {})
    return (request, socket, head) => {
      request.url = '/'
      void proxy.ws(request, /** @type {import('node:net').Socket} */ (socket), head)
    }
  },
}

const server = createServer()
const onUpgrade = ways[way]?.()
if (onUpgrade === undefined) throw new Error(`no such way: "${way}"`)
server.on('upgrade', onUpgrade)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(address !== null && typeof address === 'object' ? address.port : 0)
})
process.on('message', () => {
  globalThis.gc?.()
  process.send?.(process.memoryUsage.rss())
})
process.on('disconnect', () => process.exit())
