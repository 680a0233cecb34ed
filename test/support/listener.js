/**
 * A program that listens and answers plain HTTP, says each connection aloud, and hangs for 20 s on SIGUSR2:
 * `listener.js [--managed]`. With `--managed` it registers itself; else the test writes its line into the index.
 */
import { createServer } from 'node:http'
import { openRegistry } from 'wsyard/registry'

const server = createServer((_request, response) => response.writeHead(426).end())
server.on('connection', () => console.log('connection'))
server.listen(0, '127.0.0.1', async () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const id = `listener-${process.pid}`
  if (process.argv.includes('--managed')) await openRegistry().register({ port, id })
  console.log(`[${id}] WebSocket server listening on port ${port}`)
})
process.on('SIGUSR2', () => {
  console.log('hanging')
  const end = performance.now() + 20_000
  while (performance.now() < end);
})
