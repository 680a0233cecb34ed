/**
 * A server that registers itself, says so, and waits to be killed.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { openRegistry } from '../dist/registry/index.js'

const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const { id } = await openRegistry({ home: String(process.argv[2]) }).register(server)
process.send?.(id)
process.on('disconnect', () => process.exit())
