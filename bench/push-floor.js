/**
 * The floor of pushing: `push-floor.js <directory>`. Writes one buffer, framed in advance, to every socket that has been opened to it:
 * when it is told `{ bytes }`, and sends the time at which it began, and when a file gets its name in the directory.
 */
import { watch } from 'node:fs'
import { createServer } from 'node:net'
import { textFrame } from '../dist/hub/push-frames.js'
import { answerForCost, listen } from './push-processes.js'
import { now } from './watching.js'

const [directory = ''] = process.argv.slice(2)
/** @type {Set<import('node:net').Socket>} */
const sockets = new Set()
const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket)
  socket.on('error', () => {})
  socket.on('close', () => sockets.delete(socket))
})

/** @param {Buffer} buffer */
const writeToAll = (buffer) => {
  for (const socket of sockets) socket.write(buffer)
}
const news = textFrame(JSON.stringify({ type: 'news', text: 'x'.repeat(300) }))
watch(directory, (_event, name) => {
  if (name?.endsWith('.json')) writeToAll(news)
})
process.on('message', (/** @type {{ bytes?: number }} */ { bytes }) => {
  if (bytes === undefined) return
  const buffer = textFrame('x'.repeat(bytes))
  const at = now()
  writeToAll(buffer)
  setImmediate(() => process.send?.({ type: 'change', at }))
})

answerForCost()
process.send?.({ type: 'ready', port: await listen(server) })
