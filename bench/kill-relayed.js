#!/usr/bin/env node
/**
 * From SIGKILL of a server to which the hub relays until its client is closed, and until a subscriber of the hub is told
 * that the entry is gone. `kill.js` is the same without a connection.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
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

/** Ids by pid, and when each was removed. @type {Map<number, string>} */
const ids = new Map()
/** @type {Map<string, number>} */
const removed = new Map()
const push = new WebSocket(url, ['wsyard.v1'])
push.on('message', (data) => {
  const at = performance.now()
  for (const { type, entry } of JSON.parse(String(data)).changes ?? []) {
    if (type === 'added') ids.set(entry.pid, entry.id)
    if (type === 'removed') removed.set(entry.id, at)
  }
})
await opened(push)

/** @type {import('node:child_process').ChildProcess[]} */
let servers = []
/** @type {number[]} */
const closes = []
/** @type {number[]} */
const removals = []
try {
  while (closes.length < samples) {
    servers = Array.from({ length: Math.min(batch, samples - closes.length) }, () => start('relay-server.js'))
    await Promise.all(servers.map((child) => heard(child, child, 'message')))
    await until(() => servers.every(({ pid = 0 }) => ids.has(pid)))
    const clients = servers.map(({ pid = 0 }) => new WebSocket(`${url}/${ids.get(pid)}`))
    await Promise.all(clients.map(opened))
    await setTimeout(1000) // what they do once after registering is over
    for (const [position, child] of servers.entries()) {
      await setTimeout(pauseMs * Math.random())
      const id = ids.get(child.pid ?? 0) ?? ''
      const closed = new Promise((resolve) =>
        clients[position]?.once('close', () => resolve(performance.now())),
      )
      const since = performance.now()
      child.kill('SIGKILL')
      closes.push(Number(await closed) - since)
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
    [`of ${samples} relayed servers, from SIGKILL until`, 'p50 ms', 'p90 ms', 'p99 ms', 'max ms'],
    [rowOf('its client is closed', closes), rowOf('a subscriber is told', removals)],
  ),
)

/** @param {string} what @param {readonly number[]} times */
function rowOf(what, times) {
  return [what, ...[0.5, 0.9, 0.99, 1].map((share) => percentile(times, share).toFixed(1))]
}

/** @param {WebSocket} socket */
function opened(socket) {
  return new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
}

/** @param {() => boolean} isSo */
async function until(isSo) {
  while (!isSo()) await setTimeout(1)
}
