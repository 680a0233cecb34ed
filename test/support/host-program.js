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
const registration = await openRegistry().register({ port })
const { id } = registration

if (mode === 'exits') process.on('SIGTERM', () => process.exit(7))
if (mode === 'once') process.once('SIGTERM', () => setImmediate(() => process.exit(8)))
if (mode === 'lives') process.on('SIGHUP', () => console.log('handled SIGHUP'))
if (mode === 'asks twice') {
  process.once('SIGINT', () => {
    console.log('handled SIGINT')
    process.on('SIGINT', () => process.exit(9))
  })
}
if (mode === 'catches') process.on('uncaughtException', () => console.log('handled uncaughtException'))
if (mode === 'catches, exits') process.on('uncaughtException', () => process.exit(10))
if (mode === 'catches rejections') {
  process.on('unhandledRejection', () => console.log('handled unhandledRejection'))
}
process.on('SIGUSR2', () => {
  if (mode === 'closes') {
    process.kill(process.pid, 'SIGTERM')
    void registration.close()
    return
  }
  if (mode === 'rejects' || mode === 'catches rejections') {
    void Promise.reject(new Error('a defect of the program'))
    return
  }
  if (mode?.startsWith('catches')) throw new Error('a defect of the program')
  if (mode === 'throws') throw new Error('a defect of the program')
  process.exit(3)
})
console.log(`[${id}] WebSocket server listening on port ${port}`)
