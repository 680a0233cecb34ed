/** A hub in a process of its own: `restarting-hub.js <home> <port>`. Sends its port, and closes what it pushes at SIGTERM. */
import { createServer } from 'node:http'
import { createHub } from '../../dist/hub/index.js'
import { openRegistry } from '../../dist/registry/index.js'

const [home = '', port = '0'] = process.argv.slice(2)
const registry = openRegistry({ home })
const hub = createHub({ registry })
const http = createServer()
http.on('upgrade', (request, socket, head) => hub.handleUpgrade(request, socket, head))
http.listen(Number(port), '127.0.0.1', () => {
  const address = http.address()
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0)
})
process.once('SIGTERM', async () => {
  http.close(() => process.exit())
  await hub.close()
})
process.on('disconnect', () => process.exit())
