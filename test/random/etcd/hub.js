/** A hub of a random run, over the registry of its environment. Tells its parent the URL of its push socket. */
import { createServer } from 'node:http'
import { createHub } from 'wsyard/hub'
import { openRegistry } from 'wsyard/registry'

const registry = openRegistry()
const hub = createHub({ registry })
const http = createServer()
http.on('upgrade', (request, socket, head) => {
  if (!hub.handleUpgrade(request, socket, head)) socket.destroy()
})
http.listen(0, '127.0.0.1', () => {
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.send?.({ url: `ws://127.0.0.1:${port}/api/registry` })
})
process.on('disconnect', () => process.exit())
