#!/usr/bin/env node
/**
 * A registry in etcd: from before `register()` in one process until a watcher in another is told, against the floor: from before a bare put of
 * the same bytes until the watch in that process has them, by the same client. And until `register()` has resolved, against the put.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createEtcdClient } from '../dist/etcd/client/etcd-client.js'
import { toBase64 } from '../dist/etcd/client/wire.js'
import { openRegistry } from '../dist/registry/index.js'
import { startEtcd } from './etcd.js'
import { newEntry } from './present-entries.js'
import { median, percentile, spread, table } from './statistics.js'
import { now, startWatcherOf } from './watching.js'

const samples = Number(process.env.SAMPLES ?? 600)
const warmUps = 50

/** Each sample meets etcd at another point of what it does by the clock. */
const pauseMs = 20

const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const etcd = await startEtcd(join(scratch, 'etcd'))
if (etcd === undefined) {
  console.log('There is no etcd: install the package etcd-server.')
  process.exit()
}
const url = `${etcd.url.replace('http', 'etcd')}/bench`
const registry = openRegistry({ registry: url, onWarning: (warning) => console.error(warning.message) })
const client = createEtcdClient({ endpoints: [etcd.url], certificates: {}, answerMs: 3000 })
const watcher = await startWatcherOf('etcd-watcher.js', [url, etcd.url])
const first = await registry.register({ port: 8080 }) // which takes the lease

/** @type {Record<'told' | 'done' | 'floorTold' | 'floorDone', number[]>} */
const times = { told: [], done: [], floorTold: [], floorDone: [] }
for (let sample = -warmUps; sample < samples; sample += 1) {
  const ways = [register, put]
  for (const way of sample % 2 === 0 ? ways : ways.toReversed()) {
    await setTimeout(pauseMs * Math.random())
    const found = await way()
    if (sample >= 0)
      for (const [name, ms] of Object.entries(found)) times[/** @type {'told'} */ (name)].push(ms)
  }
}
await first.close()
await Promise.all([watcher.close(), registry.close()])
client.close()
await etcd.close()
rmSync(scratch, { recursive: true, force: true })

/** Round by round, as the machine is now faster and now slower. */
const ratios = times.told.map((ms, round) => ms / (times.floorTold[round] ?? 0))
console.log(
  table(
    ['a registry in etcd', 'samples', 'p50 ms', 'p99 ms', 'p50 of the floor', 'p99 of the floor'],
    [
      rowOf('put until the watch has it (the floor)', times.floorTold, times.floorTold),
      rowOf('register() until a watcher is told', times.told, times.floorTold),
      rowOf('put until it has resolved (the floor)', times.floorDone, times.floorDone),
      rowOf('register() until it has resolved', times.done, times.floorDone),
    ],
  ),
)
console.log(`\nUntil told, round by round: ${spread(ratios)} of the floor.`)

async function register() {
  const { id } = newEntry()
  const begun = now()
  const registration = await registry.register({ port: 8080, id })
  const done = now() - begun
  const { at } = await watcher.heard('added', id)
  await registration.close()
  await watcher.heard('removed', id)
  return { told: at - begun, done }
}

async function put() {
  const { id } = newEntry()
  const value = toBase64(JSON.stringify({ ...first.entry, id }))
  const begun = now()
  await client.call('/v3/kv/txn', { success: [{ request_put: { key: toBase64(`floor/${id}`), value } }] })
  const floorDone = now() - begun
  const { at } = await watcher.heard('floor', id)
  await client.call('/v3/kv/txn', { success: [{ request_delete_range: { key: toBase64(`floor/${id}`) } }] })
  return { floorTold: at - begun, floorDone }
}

/**
 * @param {string} title
 * @param {number[]} values
 * @param {number[]} floor
 */
function rowOf(title, values, floor) {
  const ratio = (/** @type {number} */ share) =>
    (percentile(values, share) / percentile(floor, share)).toFixed(2)
  return [
    title,
    String(values.length),
    median(values).toFixed(2),
    percentile(values, 0.99).toFixed(2),
    ratio(0.5),
    ratio(0.99),
  ]
}
