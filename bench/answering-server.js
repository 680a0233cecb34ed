/**
 * A server that answers whoever asks, for the hub of `hub-cost.js` to ask. Says its port.
 */
import { createServer } from 'node:http'

const server = createServer((_request, response) => response.end('here'))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : address)
})
process.on('disconnect', () => process.exit())
