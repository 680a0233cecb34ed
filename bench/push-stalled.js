#!/usr/bin/env node
/**
 * What subscribers notice of others that stop reading: the time until the last of a hundred has a change, alone, and beside
 * ten that take nothing and for which more waits than the hub lets wait.
 */
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { handshake, start } from './push-processes.js'
import { median, percentile, table } from './statistics.js'

const rounds = Number(process.env.ROUNDS ?? 300)
const count = Number(process.env.SUBSCRIBERS ?? 100)
const stalledCount = Number(process.env.STALLED ?? 10)
const warmUps = 30
const pauseMs = 20

/** As large as entries get, so that what waits grows soon; and so many that every stalled one is over its limit. */
const [bytes, flood] = [4000, 2500]

const subscribers = start('push-subscribers.js')
const hub = start('push-hub.js', [])
const { port } = await hub.said('ready')
subscribers.tell({ connect: { to: 'hub', port, count, isHub: true } })
await subscribers.said('connected')

const change = async () => {
  hub.tell({ change: true, bytes })
  const [begun, told] = [await hub.said('change'), await subscribers.said('hub')]
  return told.at - begun.at
}
const measure = async () => {
  const times = []
  for (let round = -warmUps; round < rounds; round += 1) {
    await setTimeout(pauseMs * Math.random())
    times.push(await change())
  }
  return times.slice(warmUps)
}

const alone = await measure()
const stalled = await Promise.all(Array.from({ length: stalledCount }, stall))
const before = (await hub.cost()).rss
for (let sent = 0; sent < flood; sent += 1) await change()
const grown = (await hub.cost()).rss - before
const beside = await measure()
for (const socket of stalled) socket.destroy()
await Promise.all([subscribers, hub].map((one) => one.close()))

const rowOf = (/** @type {string} */ title, /** @type {number[]} */ values) => [
  title,
  median(values).toFixed(2),
  percentile(values, 0.99).toFixed(2),
  (percentile(values, 0.99) / percentile(alone, 0.99)).toFixed(2),
]
console.log(
  table(
    [`one change to ${count}`, 'ms until the last has it: p50', 'p99', 'p99 of alone'],
    [rowOf('alone', alone), rowOf(`beside ${stalledCount} that read nothing`, beside)],
  ),
)
console.log(
  `\nThe hub grew by ${(grown / 2 ** 20).toFixed(1)} MiB over ${flood} changes that they did not take.`,
)

/** A subscriber that reads its handshake and nothing after it. */
function stall() {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${handshake}\r\n\r\n`))
    socket.on('error', reject)
    socket.once('data', () => {
      socket.pause()
      resolve(socket)
    })
  })
}
