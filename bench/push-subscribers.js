/**
 * Subscribers in a process of their own. Told `{ connect }` it opens so many sockets, with a handshake or without; each time that the last of
 * them has the next message, it sends the time and the message's length. Pings are answered, and bookmarks passed over.
 */
import { connect } from 'node:net'
import { handshake, pong } from './push-processes.js'
import { now } from './watching.js'

const bookmark = '{"type":"bookmark"'

process.on('message', (/** @type {{ connect: Connect }} */ message) => open(message.connect))

/**
 * @typedef {{ to: string, port: number, count: number, isHub: boolean }} Connect
 * @param {Connect} wanted
 */
async function open({ to, port, count, isHub }) {
  let messages = 0
  const onMessage = (/** @type {number} */ bytes) => {
    messages += 1
    if (messages % count === 0) process.send?.({ type: to, at: now(), bytes })
  }
  // A few at a time, as the queue of connections that wait to be accepted is not endless.
  for (let left = count; left > 0; left -= 50) {
    await Promise.all(Array.from({ length: Math.min(left, 50) }, () => openOne(port, isHub, onMessage)))
  }
  process.send?.({ type: 'connected' })
}

/**
 * Resolves when the socket is open and, from a hub, has its first message.
 * @param {number} port
 * @param {boolean} isHub
 * @param {(bytes: number) => void} onMessage
 * @returns {Promise<void>}
 */
function openOne(port, isHub, onMessage) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      if (isHub) socket.write(`${handshake}\r\n\r\n`)
      else resolve()
    })
    socket.on('error', reject)
    let [isUpgraded, isOpen] = [!isHub, !isHub]
    socket.on('data', (chunk) => {
      const start = isUpgraded ? 0 : chunk.indexOf('\r\n\r\n') + 4
      isUpgraded = true
      for (let at = start; at < chunk.length; ) {
        const short = chunk.readUInt8(at + 1)
        const [length, head] = short === 126 ? [chunk.readUInt16BE(at + 2), 4] : [short, 2]
        if (short === 127 || at + head + length > chunk.length) throw new Error('a message came in parts')
        const isText = (chunk.readUInt8(at) & 15) === 1
        if (!isText) socket.write(pong)
        else if (!isOpen) {
          isOpen = true
          resolve()
        } else if (chunk.toString('latin1', at + head).startsWith(bookmark) === false) onMessage(length)
        at += head + length
      }
    })
  })
}
