/**
 * A program that registers a port and has its own ideas about signals: `host-program.js <mode>`.
 */
import { createServer } from 'node:net'
import { openRegistry } from 'wsyard/registry'

const [mode] = process.argv.slice(2)
if (mode === 'copies') {
  // As a program has it of which two packages each bring a wsyard of their own.
  const copy = new URL('../../dist/registry/on-exit.js?copy', import.meta.url)
  const { onExit } = await import(copy.href)
  onExit(() => {})
}
const server = createServer().listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const address = server.address()
const port = typeof address === 'object' && address !== null ? address.port : 0
const { id } = await openRegistry().register({ port })

if (mode === 'exits') process.on('SIGTERM', () => process.exit(7))
if (mode === 'once') process.once('SIGTERM', () => setImmediate(() => process.exit(8)))
if (mode === 'lives') process.on('SIGHUP', () => console.log('handled SIGHUP'))
process.on('SIGUSR2', () => {
  if (mode === 'throws') throw new Error('a defect of the program')
  process.exit(3)
})
console.log(`[${id}] WebSocket server listening on port ${port}`)
