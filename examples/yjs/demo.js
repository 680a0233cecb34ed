#!/usr/bin/env node
/**
 * Two documents that become one through a hub: starts the server beside it, opens a hub, and connects y-websocket's
 * provider twice, by nothing but the hub's URL.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { createHub } from 'wsyard/hub'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'

const script = fileURLToPath(new URL('server.js', import.meta.url))
const server = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
const [line] = await once(server.stdout, 'data')
process.stdout.write(line)

const hub = createHub()
const http = createServer((request, response) => {
  if (!hub.handleRequest(request, response)) response.writeHead(404).end()
})
http.on('upgrade', (request, socket, head) => {
  if (!hub.handleUpgrade(request, socket, head)) socket.destroy()
})
http.listen(0, '127.0.0.1')
await once(http, 'listening')
const address = http.address()
const port = typeof address === 'object' && address !== null ? address.port : 0

// A page writes `location.origin.replace('http', 'ws')` here, and needs no WebSocketPolyfill.
const url = `ws://127.0.0.1:${port}/api/registry/yjs`
console.log(`Two documents meet at ${url}/notes`)

const [ann, bob] = [join('Ann'), join('Bob')]
ann.text.insert(0, 'Ann was here. ')
bob.text.insert(0, 'Bob was here. ')
await new Promise((resolve) => {
  const look = () => {
    if (ann.text.length === 28 && ann.text.toString() === bob.text.toString()) resolve(undefined)
  }
  for (const document of [ann, bob]) document.on('update', look)
})
for (const { name, text } of [ann, bob]) console.log(`${name} reads: ${text.toString().trim()}`)

for (const document of [ann, bob]) {
  document.provider.destroy()
  document.destroy()
}
await hub.close()
http.close()
server.kill()

/** @param {string} name */
function join(name) {
  const document = new Doc()
  const provider = new WebsocketProvider(url, 'notes', document, {
    disableBc: true, // they are in one process, and would find each other without any server
    WebSocketPolyfill: /** @type {typeof globalThis.WebSocket} */ (/** @type {unknown} */ (WebSocket)),
  })
  return Object.assign(document, { name, provider, text: document.getText('notes') })
}
