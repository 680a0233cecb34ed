/**
 * Subscribers in a process of their own, which count changes: told `{ connect }` it opens so many sockets to a hub, says when all of them
 * have the whole list, and then each time that the last of them has one change more. Pings are answered; a socket that the hub closes is an
 * error, as nothing would be heard of it any more.
 */
import { connect } from 'node:net'
import { handshake, pong } from './push-processes.js'
import { now } from './watching.js'

process.on('message', (/** @type {{ connect: { port: number, count: number } }} */ message) =>
  open(message.connect),
)
process.on('disconnect', () => process.exit())

/** @param {{ port: number, count: number }} wanted */
async function open({ port, count }) {
  /** How many sockets have had so many changes. */
  const reached = new Map()
  await Promise.all(
    Array.from({ length: count }, () =>
      openOne(port, (changes) => {
        const sockets = (reached.get(changes) ?? 0) + 1
        reached.set(changes, sockets)
        if (sockets < count) return
        reached.delete(changes)
        process.send?.({ type: 'hub', at: now() })
      }),
    ),
  )
  process.send?.({ type: 'connected' })
}

/**
 * Resolves when the whole list has come.
 * @param {number} port
 * @param {(changes: number) => void} onChange
 * @returns {Promise<void>}
 */
function openOne(port, onChange) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () =>
      socket.write(`${handshake}\r\n\r\n`),
    )
    let rest = Buffer.alloc(0)
    let isOpen = false
    let changes = 0
    socket.on('error', reject)
    socket.on('close', () => {
      throw new Error(`the hub closed a socket after ${changes} changes`)
    })
    socket.on('data', (chunk) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      if (!isOpen) {
        const end = rest.indexOf('\r\n\r\n')
        if (end === -1) return
        isOpen = true
        rest = rest.subarray(end + 4)
      }
      for (let frame = frameIn(rest); frame !== undefined; frame = frameIn(rest)) {
        const { isPing, payload, end } = frame
        rest = rest.subarray(end)
        if (isPing) {
          socket.write(pong)
          continue
        }
        const begins = payload.toString('latin1', 0, 40)
        if (begins.startsWith('{"type":"change"')) {
          changes += 1
          onChange(changes)
        } else if (!begins.startsWith('{"type":"problem"')) resolve() // the last part of the list, or all of it, comes before any change
      }
    })
  })
}

/** The first frame, once it is whole. @param {Buffer} bytes */
function frameIn(bytes) {
  if (bytes.length < 2) return undefined
  const short = (bytes[1] ?? 0) & 0x7f
  const head = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < head) return undefined
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  const end = head + length
  return bytes.length < end
    ? undefined
    : { isPing: bytes[0] === 0x89, payload: bytes.subarray(head, end), end }
}
