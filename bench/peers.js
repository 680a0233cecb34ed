#!/usr/bin/env node
/**
 * What it costs that the relay looks whose process asks before it brings a server's token: handshakes through a hub that looks,
 * against one that lets in any (the floor), one after the other and many at once, with few and with many sockets on the machine.
 * Its other processes are this script, too: `peers.js hub <peers> | server | idle <connections>`.
 */
import { fork } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createHub } from '../dist/hub/index.js'
import { tellsPeers } from '../dist/registry/index.js'
import { end, heard } from './child.js'
import { listen } from './push-processes.js'
import { median, percentile, spread, table } from './statistics.js'

const rounds = Number(process.env.ROUNDS ?? 24)
const handshakes = Number(process.env.HANDSHAKES ?? 15)
const atOnce = Number(process.env.AT_ONCE ?? 50)
/** Sockets on the machine besides those that are there anyway, growing: both ends of idle connections. */
const sizes = (process.env.SIZES ?? '10,5000').split(',').map(Number)
const warmUps = 4

/** A process may have 1,024 files open, where nobody has raised it, and these have both ends of each connection. */
const idleEach = 400

/** The closing of one handshake is over before the next, as is that of many. */
const [pauseMs, longPauseMs] = [2, 60]

/** What others have closed stands in the table for a minute: there is some waiting until few are left, but not for ever. */
const [fewClosed, forgettingMs] = [50, 70_000]

/** How often the hub looks whether its loop is held up. */
const tickMs = 1

/** `TCP_TIME_WAIT` of the kernel. */
const timeWait = '06'

const request = [
  'GET /api/registry/echo HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
].join('\r\n')

/** @typedef {import('node:child_process').ChildProcess} Child */
/** @typedef {{ times: number[], heldMs: number }} Turn */
/** @typedef {Record<string, { row: Turn[], crowd: Turn[] }>} Found */

/** @type {Record<string, (argument: string) => Promise<void>>} */
const roles = { hub: beHub, server: beServer, idle: beIdle }
const [role = '', argument = ''] = process.argv.slice(2)
if (role !== '') await roles[role]?.(argument)
else if (tellsPeers) await bench()
else console.log('This platform does not tell whose process has connected: there is nothing to measure.')

async function bench() {
  const home = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
  process.env.SHIPYARD_HOME = home
  const server = start('server')
  await heard(server, server, 'message')
  const hubs = { any: start('hub', 'any'), 'same-user': start('hub', 'same-user') }
  await Promise.all(Object.values(hubs).map((hub) => heard(hub, hub, 'message')))
  /** @type {Child[]} */
  const idle = []
  /** @type {string[][]} */
  const rowsOfRow = []
  /** @type {string[][]} */
  const rowsOfCrowd = []
  try {
    await untilForgotten()
    for (const [position, size] of sizes.entries()) {
      await openIdle(idle, (size - (sizes[position - 1] ?? 0)) / 2)
      const { found, counts } = await measure(hubs)
      rowsOfRow.push(...rowsOf(found, counts, ({ row }) => row, percentiles))
      rowsOfCrowd.push(...rowsOf(found, counts, ({ crowd }) => crowd, spreadOfTimes))
    }
  } finally {
    for (const child of idle) child.disconnect()
    await Promise.all(idle.map((child) => child.exitCode ?? once(child, 'exit')))
    await Promise.all([server, ...Object.values(hubs)].map(end))
    rmSync(home, { recursive: true, force: true })
  }
  const last = ['p50 more than `any`', 'of `any`: median (min–max)', 'the loop held, ms: median (min–max)']
  const first = ['sockets', 'peers']
  console.log(table([...first, 'one handshake: p50 ms', 'p99 ms', ...last], rowsOfRow))
  console.log(
    `\n${table([...first, `ms until ${atOnce} at once are open: median (min–max)`, ...last], rowsOfCrowd)}`,
  )
}

/** In turns, each hub first in every second round. @param {Record<string, Child>} hubs */
async function measure(hubs) {
  /** @type {Found} */
  const found = Object.fromEntries(Object.keys(hubs).map((peers) => [peers, { row: [], crowd: [] }]))
  /** @type {number[]} */
  const counts = []
  for (let round = -warmUps; round < rounds; round += 1) {
    const order = Object.entries(hubs)
    for (const [peers, hub] of round % 2 === 0 ? order : order.reverse()) {
      counts.push(socketsNow().length)
      const row = await turn(hub, inARow)
      const crowd = await turn(hub, allAtOnce)
      if (round < 0) continue
      found[peers]?.row.push(row)
      found[peers]?.crowd.push(crowd)
    }
  }
  return { found, counts }
}

/**
 * @param {Found} found
 * @param {number[]} counts
 * @param {(found: { row: Turn[], crowd: Turn[] }) => Turn[]} of
 * @param {(times: number[]) => string[]} figures
 */
function rowsOf(found, counts, of, figures) {
  const floor = found.any === undefined ? [] : of(found.any)
  return Object.entries(found).map(([peers, one]) => {
    const turns = of(one)
    const times = turns.flatMap(({ times }) => times)
    const ratios = turns.map(({ times }, round) => median(times) / median(floor[round]?.times ?? []))
    return [
      spread(counts, 0),
      `\`${peers}\``,
      ...figures(times),
      (median(times) - median(floor.flatMap(({ times }) => times))).toFixed(2),
      peers === 'any' ? '1' : spread(ratios),
      spread(turns.map(({ heldMs }) => heldMs)),
    ]
  })
}

/** @param {number[]} times */
function percentiles(times) {
  return [median(times).toFixed(2), percentile(times, 0.99).toFixed(2)]
}

/** @param {number[]} times */
function spreadOfTimes(times) {
  return [spread(times, 1)]
}

/** @param {Child} hub @param {(port: number) => Promise<number[]>} take @returns {Promise<Turn>} */
async function turn(hub, take) {
  hub.send('watch')
  const [port] = await once(hub, 'message')
  const times = await take(port)
  hub.send('held')
  const [heldMs] = await once(hub, 'message')
  await setTimeout(longPauseMs)
  return { times, heldMs }
}

/** @param {number} port */
async function inARow(port) {
  const times = []
  for (let count = 0; count < handshakes; count += 1) {
    const since = performance.now()
    const socket = await opened(port)
    times.push(performance.now() - since)
    socket.resetAndDestroy()
    await setTimeout(pauseMs)
  }
  return times
}

/** @param {number} port */
async function allAtOnce(port) {
  const since = performance.now()
  const sockets = await Promise.all(Array.from({ length: atOnce }, () => opened(port)))
  const time = performance.now() - since
  for (const socket of sockets) socket.resetAndDestroy()
  return [time]
}

/** A socket on which the hub has answered with 101. @param {number} port @returns {Promise<Socket>} */
function opened(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${request}\r\n\r\n`))
    socket.once('error', reject)
    socket.once('data', (answer) => {
      if (answer.includes('HTTP/1.1 101 ')) resolve(socket)
      else reject(new Error(`the hub answered: ${answer}`))
    })
  })
}

/** The states of all sockets that the kernel lists. */
function socketsNow() {
  return ['tcp', 'tcp6'].flatMap((name) => {
    const [, ...lines] = readFileSync(`/proc/net/${name}`, 'latin1').trimEnd().split('\n')
    return lines.map((line) => line.trim().split(/\s+/, 4)[3])
  })
}

async function untilForgotten() {
  const since = performance.now()
  while (performance.now() - since < forgettingMs) {
    const closed = socketsNow().filter((state) => state === timeWait)
    if (closed.length <= fewClosed) return
    await setTimeout(1000)
  }
}

/**
 * @param {Child[]} children gets those that have them
 * @param {number} connections
 */
async function openIdle(children, connections) {
  for (let left = connections; left > 0; left -= idleEach) {
    const child = start('idle', String(Math.min(left, idleEach)))
    children.push(child)
    await heard(child, child, 'message')
  }
}

/** @param {string[]} args */
function start(...args) {
  return fork(fileURLToPath(import.meta.url), args)
}

/**
 * From `watch`, which it answers with a port, to `held` it listens and watches its loop; then sends how long that was held up at
 * most, in ms. It is another port each time, as the port decides where in the kernel's table its clients stand.
 * @param {string} peers
 */
async function beHub(peers) {
  const hub = createHub({ peers: peers === 'any' ? 'any' : 'same-user' })
  const delay = monitorEventLoopDelay({ resolution: tickMs })
  let http = createHttpServer()
  process.on('message', async (said) => {
    if (said === 'watch') {
      http = createHttpServer()
      http.on('upgrade', (request, socket, head) => {
        if (!hub.handleUpgrade(request, socket, head)) socket.destroy()
      })
      const port = await listen(http)
      delay.reset()
      delay.enable()
      process.send?.(port)
    } else {
      delay.disable()
      process.send?.(Math.max(delay.max / 1e6 - tickMs, 0))
      http.close()
    }
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

/** That of `relay.js`, but it resets what the hub closes: else the kernel would list the hub's end for another minute. */
async function beServer() {
  subscribe('net.server.socket', (message) => {
    const { socket } = /** @type {{ socket: Socket }} */ (message)
    socket.prependListener('end', () => socket.resetAndDestroy())
  })
  await import('./relay-server.js')
}

/** Connections on which nothing is said, both ends in this process. Resets them at the end. @param {string} count */
async function beIdle(count) {
  /** @type {Socket[]} */
  const all = []
  const server = createServer((socket) => socket.on('error', () => {}))
  const port = await listen(server)
  while (all.length < Number(count)) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    all.push(socket)
  }
  process.on('disconnect', () => {
    for (const socket of all) socket.resetAndDestroy()
    setImmediate(() => process.exit())
  })
  process.send?.(all.length)
}
