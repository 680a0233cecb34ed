#!/usr/bin/env node
/**
 * Echoes through the relay, against a raw TCP pipe with the same handshake (the floor), http-proxy-3 (the peer), and no
 * relay at all: messages per second, what it adds to a round trip, and what a thousand relayed sockets cost.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { end, heard } from './child.js'
import { median, percentile, spread, table } from './statistics.js'

const rounds = Number(process.env.ROUNDS ?? 9)
const msEach = Number(process.env.MS_EACH ?? 700)
const roundTrips = Number(process.env.ROUND_TRIPS ?? 400)
const sockets = Number(process.env.SOCKETS ?? 1000)
const sizes = [64, 1024, 65_536]

/** Sockets at once, and messages under way on each: enough to keep every process busy. */
const [width, depth] = [8, 16]

const home = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
process.env.SHIPYARD_HOME = home

/** @param {string} script @param {string[]} args */
const start = (script, ...args) =>
  fork(fileURLToPath(new URL(script, import.meta.url)), args, { execArgv: ['--expose-gc'] })

const server = start('relay-server.js')
const { port, token } = await heard(server, server, 'message')
const children = {
  hub: start('relay-way.js', 'hub', port, token),
  pipe: start('relay-way.js', 'pipe', port, token),
  proxy: start('relay-way.js', 'proxy', port, token),
}
/** @type {Record<string, () => WebSocket>} */
const ways = {
  direct: () => new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { authorization: `Bearer ${token}` } }),
}
for (const [name, child] of Object.entries(children)) {
  const at = await heard(child, child, 'message')
  ways[name] = () => new WebSocket(`ws://127.0.0.1:${at}${name === 'hub' ? '/api/registry/echo' : '/'}`)
}
try {
  // First, in processes that have not grown by anything else yet.
  const rowsOfMemory = await rowsOfMany()
  console.log(
    table(
      [
        'bytes',
        'way',
        'messages/s (median)',
        'of the pipe: median (min–max)',
        'round trip p50 ms',
        'p99 ms',
        'p50 more than the pipe',
      ],
      await rowsOfSpeed(),
    ),
  )
  console.log(
    `\n${table(['sockets through', 'open at once', 'KiB each', 'echo p50 ms', 'p99 ms'], rowsOfMemory)}`,
  )
} finally {
  await Promise.all([server, ...Object.values(children)].map(end))
  rmSync(home, { recursive: true, force: true })
}

async function rowsOfSpeed() {
  /** @type {string[][]} */
  const rows = []
  for (const size of sizes) {
    /** @type {Record<string, { rates: number[], trips: number[] }>} */
    const found = Object.fromEntries(Object.keys(ways).map((name) => [name, { rates: [], trips: [] }]))
    for (let round = -1; round < rounds; round += 1) {
      const order = Object.entries(ways)
      const shift = (round + order.length) % order.length
      for (const [name, open] of [...order.slice(shift), ...order.slice(0, shift)]) {
        const rate = await rateOf(open, size)
        const trips = await tripsOf(open, size)
        if (round < 0) continue
        found[name]?.rates.push(rate)
        found[name]?.trips.push(...trips)
      }
    }
    const pipe = found.pipe ?? { rates: [], trips: [] }
    for (const [name, { rates, trips }] of Object.entries(found)) {
      rows.push([
        String(size),
        name,
        String(Math.round(median(rates))),
        name === 'pipe' ? '1' : spread(rates.map((rate, round) => rate / (pipe.rates[round] ?? Number.NaN))),
        median(trips).toFixed(3),
        percentile(trips, 0.99).toFixed(3),
        (median(trips) - median(pipe.trips)).toFixed(3),
      ])
    }
  }
  return rows
}

/** @param {() => WebSocket} open */
async function opened(open) {
  const socket = open()
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return socket
}

/** So many, not all in one moment. @param {() => WebSocket} open @param {number} count */
async function openedMany(open, count) {
  /** @type {WebSocket[]} */
  const all = []
  while (all.length < count) all.push(...(await Promise.all(Array.from({ length: 20 }, () => opened(open)))))
  return all
}

/** Echoes per second over several sockets, each with several messages under way. @param {() => WebSocket} open @param {number} size */
async function rateOf(open, size) {
  const message = Buffer.alloc(size, 1)
  const all = await Promise.all(Array.from({ length: width }, () => opened(open)))
  let count = 0
  for (const socket of all) {
    socket.on('message', () => {
      count += 1
      socket.send(message)
    })
    for (let sent = 0; sent < depth; sent += 1) socket.send(message)
  }
  await setTimeout(msEach / 5)
  const [before, since] = [count, performance.now()]
  await setTimeout(msEach)
  const rate = ((count - before) / (performance.now() - since)) * 1000
  for (const socket of all) socket.terminate()
  return rate
}

/** One message at a time on one socket. @param {() => WebSocket} open @param {number} size */
async function tripsOf(open, size) {
  const message = Buffer.alloc(size, 1)
  const socket = await opened(open)
  const times = await tripsOn(socket, message, roundTrips + 50)
  socket.terminate()
  return times.slice(50)
}

/** @param {WebSocket} socket @param {Buffer} message @param {number} count */
async function tripsOn(socket, message, count) {
  const times = []
  for (let trip = 0; trip < count; trip += 1) {
    const since = performance.now()
    socket.send(message)
    await new Promise((resolve) => socket.once('message', resolve))
    times.push(performance.now() - since)
  }
  return times
}

async function rowsOfMany() {
  /** @type {string[][]} */
  const rows = []
  for (const [name, child] of Object.entries(children)) {
    const open = ways[name]
    if (open === undefined) continue
    for (const socket of await openedMany(open, sockets / 5)) socket.terminate() // its code is loaded and warm
    await setTimeout(500)
    const before = await rssOf(child)
    const all = await openedMany(open, sockets)
    const after = await rssOf(child)
    const times = []
    for (const socket of all) times.push(...(await tripsOn(socket, Buffer.alloc(64, 1), 1)))
    for (const socket of all) socket.terminate()
    rows.push([
      name,
      String(all.length),
      ((after - before) / 1024 / all.length).toFixed(1),
      median(times).toFixed(3),
      percentile(times, 0.99).toFixed(3),
    ])
    await setTimeout(500)
  }
  return rows
}

/** @param {import('node:child_process').ChildProcess} child */
async function rssOf(child) {
  child.send('rss')
  return Number(await heard(child, child, 'message'))
}
