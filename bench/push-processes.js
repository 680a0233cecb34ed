/**
 * What the processes of `push.js` have in common: where they listen, what they have used, and how they are listened to.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { end } from './child.js'

/**
 * Resolves to the port.
 * @param {import('node:net').Server} server
 */
export async function listen(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens at no port')
  return address.port
}

/** Answers `{ cost: true }`, when all garbage has been collected. */
export function answerForCost() {
  process.on('message', (/** @type {{ cost?: true }} */ { cost }) => {
    if (cost !== true) return
    const { user, system } = process.cpuUsage()
    globalThis.gc?.()
    process.send?.({ type: 'cost', cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss() })
  })
  process.on('disconnect', () => process.exit())
}

/**
 * Starts one of the scripts here.
 * @param {string} script
 * @param {readonly string[]} [args]
 */
export function start(script, args = []) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, { execArgv: ['--expose-gc'] })
  /** @typedef {{ type: string, at: number, bytes: number, port: number, cpuMs: number, rss: number }} Said */
  /** @type {Said[]} */
  const kept = []
  let wake = () => {}
  child.on('message', (/** @type {Said} */ said) => {
    kept.push(said)
    wake()
  })
  child.once('exit', (code) => {
    if (code !== null) throw new Error(`${script} ended (${code})`)
  })
  /**
   * The next that it says of this type; one caller at a time.
   * @param {string} type
   */
  const said = async (type) => {
    for (;;) {
      const position = kept.findIndex((one) => one.type === type)
      const [found] = position === -1 ? [] : kept.splice(position, 1)
      if (found !== undefined) return found
      await new Promise((resolve) => {
        wake = () => resolve(undefined)
      })
    }
  }
  return {
    said,
    tell: (/** @type {object} */ message) => child.send(message),
    async cost() {
      child.send({ cost: true })
      return said('cost')
    },
    close: () => end(child),
  }
}

/** How a subscriber asks for the push socket. */
export const handshake = [
  'GET /api/registry HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: wsyard.v1',
].join('\r\n')

/** What a subscriber has to answer a ping with, or the hub takes it for gone. */
export const pong = Buffer.from('8a8000000000', 'hex')
