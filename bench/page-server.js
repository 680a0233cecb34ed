/**
 * A page and a hub at one port, in a process of their own: `page-server.js <home> <port>`. The page has the client as an
 * application has it, bundled and minified, in `window.wsyard`. Beside the hub is a bare sketch of one. Sends its port.
 */
import { mkdirSync, readFileSync, watch } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { WebSocketServer } from 'ws'
import { createHub } from '../dist/hub/index.js'
import { openRegistry } from '../dist/registry/index.js'

const [home = '', port = '0'] = process.argv.slice(2)

const bundle = await build({
  configFile: false,
  logLevel: 'error',
  build: {
    write: false,
    lib: { entry: fileURLToPath(new URL('../dist/client/index.js', import.meta.url)), formats: ['es'] },
  },
})
const [first] = Array.isArray(bundle) ? bundle : [bundle]
const code = first !== undefined && 'output' in first ? first.output[0].code : ''
const html = `<!doctype html><link rel="icon" href="data:,"><script type="module">
import * as wsyard from './client.js'
window.wsyard = wsyard
</script>`

const registry = openRegistry({ home, onWarning: ({ message }) => console.error(message) })
const hub = createHub({ registry })
const http = createServer((request, response) => {
  if (hub.handleRequest(request, response)) return
  const isScript = request.url === '/client.js'
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
  response.end(isScript ? code : html)
})
/** The sketch: each new file of a directory is read and sent on. */
const sketch = new WebSocketServer({ noServer: true })
const directory = join(home, 'sketch')
mkdirSync(directory, { recursive: true, mode: 0o700 })
watch(directory, (_event, name) => {
  if (name === null || name.endsWith('.tmp')) return
  const text = readFileSync(join(directory, name), 'utf8')
  for (const socket of sketch.clients) socket.send(text)
})

http.on('upgrade', (request, socket, head) => {
  if (request.url === '/sketch') sketch.handleUpgrade(request, socket, head, () => {})
  else if (!hub.handleUpgrade(request, socket, head)) socket.destroy()
})
http.listen(Number(port), '127.0.0.1', () => {
  const address = http.address()
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0)
})
process.on('disconnect', () => process.exit())
