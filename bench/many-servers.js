/**
 * Registered echo servers, many in one process: `many-servers.js <home> <count>`. With `dead` as a third argument they are
 * registered, every second one as the spike does it, and nothing listens at their ports. Sends their ids when all are registered.
 */
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { openRegistry } from '../dist/registry/index.js'
import { createServer } from '../dist/server/index.js'
import { addAsSpike } from './spike-file.js'

const [home = '', count = '0', kind] = process.argv.slice(2)
const registry = openRegistry({ home, onWarning: ({ message }) => console.error(message) })
/** @type {string[]} */
const ids = []
for (let number = 0; number < Number(count); number += 1) {
  const id = `dead-${number}`
  if (kind === 'dead' && number % 2 === 0) await registry.register({ id, port: await freePort() })
  else if (kind === 'dead') {
    addAsSpike(join(home, 'servers.json'), { id, port: await freePort(), pid: process.pid })
  } else {
    const server = await createServer({
      registry,
      auth: 'open',
      onConnection: (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })),
    })
    ids.push(server.id)
  }
}
process.send?.(ids)
process.on('disconnect', () => process.exit())

/** @returns {Promise<number>} a port at which nothing listens */
function freePort() {
  return new Promise((resolve) => {
    const server = createTcpServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
