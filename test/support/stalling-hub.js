/**
 * A hub in a process of its own, some clients of which are slow: `stalling-hub.js <home> <port>`. Sends its port. Those that ask for
 * it by `slow` in their query take nothing from when it is told `true` until it is told `false`, and what waits for them counts 256
 * times, so that a few changes are what a mebibyte is otherwise: that much the system alone would hold.
 */
import { createServer } from 'node:http'
import { Duplex } from 'node:stream'
import { createHub } from '../../dist/hub/index.js'
import { openRegistry } from '../../dist/registry/index.js'

const [home = '', port = '0'] = process.argv.slice(2)
const registry = openRegistry({ home })
const hub = createHub({ registry })
const http = createServer()
let isStalled = false
/** @type {(() => void)[]} */
const held = []

http.on('upgrade', (request, socket, head) => {
  const isSlow = new URL(request.url ?? '', 'http://localhost').searchParams.has('slow')
  hub.handleUpgrade(request, isSlow ? slow(socket) : socket, head)
})
http.listen(Number(port), '127.0.0.1', () => {
  const address = http.address()
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0)
})
process.on('message', (/** @type {boolean} */ next) => {
  isStalled = next
  for (const pass of isStalled ? [] : held.splice(0)) pass()
})
process.on('disconnect', () => process.exit())

/** @param {Duplex} socket */
function slow(socket) {
  const duplex = new Duplex({
    writableHighWaterMark: 2 ** 20 / 256, // it tells that all was taken if it has held more
    read() {},
    write(chunk, _encoding, done) {
      const pass = () => void socket.write(chunk, () => done()) // an error is followed by its closing
      if (isStalled) held.push(pass)
      else pass()
    },
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  Object.defineProperty(duplex, 'writableLength', {
    get: () => 256 * Reflect.get(Duplex.prototype, 'writableLength', duplex),
  })
  socket.on('data', (chunk) => duplex.push(chunk))
  socket.on('end', () => duplex.push(null))
  socket.on('close', () => duplex.destroy())
  socket.on('error', () => {})
  return duplex
}
