#!/usr/bin/env node
/**
 * From SIGKILL of a server to which the hub relays until its client is closed, and until a subscriber of the hub is told
 * that the entry is gone; and, as the floor, until a socket that was connected to the server without a hub is. `kill.js` is the same
 * without a connection.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { end, heard } from './child.js'
import { percentile, table } from './statistics.js'

const samples = Number(process.env.SAMPLES ?? 160)

/** Started together, and killed once all of them are registered, so that no start disturbs a measurement. */
const batch = 20

/** At most this long from one to the next, so that the hub is met in every phase of what it does by itself. */
const pauseMs = 200

const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
process.env.SHIPYARD_HOME = join(scratch, 'home')

/** @param {string} script @param {string[]} args */
const start = (script, ...args) => fork(fileURLToPath(new URL(script, import.meta.url)), args)

const hub = start('relay-way.js', 'hub')
const url = `ws://127.0.0.1:${await heard(hub, hub, 'message')}/api/registry`

/** By pid. @type {Map<number, { id: string, port: number }>} */
const entries = new Map()
/** When each was removed, by id. @type {Map<string, number>} */
const removed = new Map()
const push = new WebSocket(url, ['wsyard.v1'])
push.on('message', (data) => {
  const at = performance.now()
  for (const { type, entry } of JSON.parse(String(data)).changes ?? []) {
    if (type === 'added') entries.set(entry.pid, entry)
    if (type === 'removed') removed.set(entry.id, at)
  }
})
await opened(push)

/** @type {import('node:child_process').ChildProcess[]} */
let servers = []
/** @type {number[]} */
const floor = []
/** @type {number[]} */
const closes = []
/** @type {number[]} */
const removals = []
try {
  while (closes.length < samples) {
    servers = Array.from({ length: Math.min(batch, samples - closes.length) }, () => start('relay-server.js'))
    await Promise.all(servers.map((child) => heard(child, child, 'message')))
    await until(() => servers.every(({ pid = 0 }) => entries.has(pid)))
    const clients = servers.map(({ pid = 0 }) => new WebSocket(`${url}/${entries.get(pid)?.id}`))
    const sockets = servers.map(({ pid = 0 }) => connect(entries.get(pid)?.port ?? 0, '127.0.0.1'))
    for (const socket of sockets) socket.on('error', () => {}).resume() // it may be reset
    await Promise.all(clients.map(opened))
    await setTimeout(1000) // what they do once after registering is over
    for (const [position, child] of servers.entries()) {
      await setTimeout(pauseMs * Math.random())
      const id = entries.get(child.pid ?? 0)?.id ?? ''
      const closed = [sockets[position], clients[position]].map(
        (socket) => new Promise((resolve) => socket?.once('close', () => resolve(performance.now()))),
      )
      const since = performance.now()
      child.kill('SIGKILL')
      const [direct, relayed] = await Promise.all(closed)
      floor.push(direct - since)
      closes.push(relayed - since)
      await until(() => removed.has(id))
      removals.push((removed.get(id) ?? Number.NaN) - since)
    }
  }
} finally {
  await Promise.all([hub, ...servers].map(end))
  rmSync(scratch, { recursive: true, force: true })
}

console.log(
  table(
    [
      `of ${samples} relayed servers, from SIGKILL until`,
      'p50 ms',
      'p90 ms',
      'p99 ms',
      'max ms',
      'p50 of the floor',
    ],
    [
      rowOf('a socket without a hub is closed (the floor)', floor),
      rowOf('its client is closed', closes),
      rowOf('a subscriber is told', removals),
    ],
  ),
)

/** @param {string} what @param {readonly number[]} times */
function rowOf(what, times) {
  const ratio = percentile(times, 0.5) / percentile(floor, 0.5)
  return [what, ...[0.5, 0.9, 0.99, 1].map((share) => percentile(times, share).toFixed(1)), ratio.toFixed(2)]
}

/** @param {WebSocket} socket */
function opened(socket) {
  return new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
}

/** @param {() => boolean} isSo */
async function until(isSo) {
  while (!isSo()) await setTimeout(1)
}
