/**
 * The Vite dev server of `snapshot.js`, in a process of its own: the hub's snapshot, the same bytes out of memory, and
 * the file read anew at each request, side by side. Says its URL to its parent, which sends it the bytes.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'vite'
import { wsyard } from 'wsyard/vite'

const home = String(process.env.SHIPYARD_HOME)
const index = join(home, 'servers.json')
const root = join(home, '..', 'site')
let bytes = Buffer.alloc(0)

/** @type {import('vite').Plugin} */
const rivals = {
  name: 'rivals',
  configureServer({ middlewares }) {
    middlewares.use((request, response, next) => {
      if (request.url === '/floor') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
        response.end(bytes)
      } else if (request.url === '/spike') {
        const text = existsSync(index) ? readFileSync(index, 'utf8') : '{"servers": []}'
        response.setHeader('Content-Type', 'application/json')
        response.setHeader('Access-Control-Allow-Origin', '*')
        response.end(text)
      } else next()
    })
  },
}

mkdirSync(root, { recursive: true })
writeFileSync(join(root, 'index.html'), '<title>bench</title>')
const vite = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  server: { port: 0, host: '127.0.0.1' },
  // The floor's middleware stands behind the hub's, as any other of the site's would.
  plugins: [wsyard(), rivals],
})
await vite.listen()
process.on('message', (text) => {
  bytes = Buffer.from(String(text))
  process.send?.('ready')
})
process.on('disconnect', () => process.exit())
process.send?.(vite.resolvedUrls?.local[0])
