#!/usr/bin/env node
/**
 * A registry in etcd with ten thousand entries: how long a list takes, against reading the same keys and parsing them (the floor); what memory
 * a hub has for them; and what becomes of a thousand changes in a second, on their way from puts through a hub to a hundred subscribers.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createEtcdClient } from '../dist/etcd/client/etcd-client.js'
import { fromBase64, toBase64 } from '../dist/etcd/client/wire.js'
import { createEntryFormat } from '../dist/etcd/entry-format.js'
import { keysBelow } from '../dist/etcd/keys.js'
import { openRegistry } from '../dist/registry/index.js'
import { startEtcd } from './etcd.js'
import { newEntry } from './present-entries.js'
import { start } from './push-processes.js'
import { median, percentile, spread, table } from './statistics.js'
import { now } from './watching.js'

const count = Number(process.env.ENTRIES ?? 10_000)
const lists = Number(process.env.LISTS ?? 15)
const perSecond = Number(process.env.CHANGES_PER_SECOND ?? 1000)
const seconds = Number(process.env.SECONDS_EACH ?? 10)
const subscribers = Number(process.env.SUBSCRIBERS ?? 100)

const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const etcd = await startEtcd(join(scratch, 'etcd'))
if (etcd === undefined) {
  console.log('There is no etcd: install the package etcd-server.')
  process.exit()
}
const client = createEtcdClient({ endpoints: [etcd.url], certificates: {}, answerMs: 10_000 })
const prefixes = { empty: 'empty/', full: 'full/' }
const registryAt = (/** @type {string} */ prefix) =>
  `${etcd.url.replace('http', 'etcd')}/${prefix.slice(0, -1)}`
const keys = keysBelow(prefixes.full)
const format = createEntryFormat({
  source: registryAt(prefixes.full),
  prefix: prefixes.full,
  seal: undefined,
  onWarning() {},
})

await fill()
console.log(`${await listing()}\n`)
const { memory, pushed } = await serving()
console.log(`${memory}\n\n${pushed}`)
client.close()
await etcd.close()
rmSync(scratch, { recursive: true, force: true })

/** Of another machine, so that no process is looked for. */
function putOf(/** @type {Record<string, unknown>} */ meta = {}) {
  const entry = { ...newEntry(), machine: 'elsewhere.0', advertise: '10.0.0.5:8080', meta, state: 'up' }
  return { request_put: { key: keys.entry(entry.id), value: format.write(/** @type {any} */ (entry)) } }
}

async function fill() {
  for (let left = count; left > 0; left -= 100)
    await client.call('/v3/kv/txn', {
      success: Array.from({ length: Math.min(left, 100) }, () => putOf({ role: 'worker' })),
    })
}

async function listing() {
  const registry = openRegistry({ registry: registryAt(prefixes.full) })
  /** @type {number[]} */
  const own = []
  /** @type {number[]} */
  const floor = []
  for (let round = -2; round < lists; round += 1) {
    const begun = now()
    const { length } = await registry.list()
    const between = now()
    const found = await readAll()
    const done = now()
    if (length !== count || found !== count)
      throw new Error(`${length} and ${found} in the place of ${count}`)
    if (round < 0) continue
    own.push(between - begun)
    floor.push(done - between)
  }
  await registry.close()
  const ratios = own.map((ms, round) => ms / (floor[round] ?? 0))
  const rowOf = (/** @type {string} */ title, /** @type {number[]} */ values) => [
    title,
    median(values).toFixed(0),
    percentile(values, 1).toFixed(0),
  ]
  return `${table([`reading ${count} entries`, 'p50 ms', 'max ms'], [rowOf('the keys, and JSON.parse of each (the floor)', floor), rowOf('list()', own)])}

list() takes ${spread(ratios)} of the floor, round by round.`
}

async function readAll() {
  const range = { ...keys.entries, limit: '1000' }
  let [from, found] = [range.key, 0]
  for (;;) {
    const { kvs = [], more } = await client.call('/v3/kv/range', { ...range, key: from })
    for (const { value } of kvs) JSON.parse(fromBase64(value))
    found += kvs.length
    const last = kvs.at(-1)
    if (!more || last === undefined) return found
    from = toBase64(`${fromBase64(last.key)}\0`)
  }
}

async function serving() {
  const memoryOf = async (/** @type {string} */ prefix) => {
    const hub = start('push-hub.js', [registryAt(prefix)])
    await hub.said('ready')
    await setTimeout(3000) // until it has listed
    const { rss } = await hub.cost()
    return { hub, rss }
  }
  const [empty, full] = [await memoryOf(prefixes.empty), await memoryOf(prefixes.full)]
  await empty.hub.close()
  const memory = table(
    ['a hub', 'MiB of memory', 'KiB an entry'],
    [
      ['without entries', (empty.rss / 2 ** 20).toFixed(0), ''],
      [
        `with ${count}`,
        (full.rss / 2 ** 20).toFixed(0),
        ((full.rss - empty.rss) / 2 ** 10 / count).toFixed(2),
      ],
    ],
  )
  await full.hub.close()
  return { memory, pushed: await pushing() }
}

/** From the put of each change until the last subscriber has it. */
async function pushing() {
  const hub = start('push-hub.js', [registryAt(prefixes.full)])
  const { port } = await hub.said('ready')
  const listeners = start('etcd-subscribers.js')
  listeners.tell({ connect: { port, count: subscribers } })
  await listeners.said('connected')
  await setTimeout(5000) // until all have their whole lists
  const before = await hub.cost()
  const total = perSecond * seconds
  const changed = putOf({ turn: 0 })
  /** @type {number[]} */
  const begun = []
  /** @type {Promise<unknown>[]} */
  const puts = []
  const started = now()
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((now() - started) / 1000) * perSecond))
    for (; sent < due; sent += 1) {
      begun.push(now())
      const { request_put } = sent % 2 === 0 ? changed : putOf({ turn: sent })
      puts.push(
        client.call('/v3/kv/txn', {
          success: [{ request_put: { ...request_put, value: withTurn(request_put, sent) } }],
        }),
      )
    }
    await setTimeout(1)
  }
  await Promise.all(puts)
  const putMs = now() - started
  /** @type {number[]} */
  const lags = []
  let lastAt = 0
  for (let heard = 0; heard < total; heard += 1) {
    const { at } = await listeners.said('hub')
    lags.push(at - (begun[heard] ?? 0))
    if (heard === total - 1) lastAt = at
  }
  const after = await hub.cost()
  await listeners.close() // first, as they take it for an error that the hub goes
  await hub.close()
  const row = [
    String(total),
    (total / (putMs / 1000)).toFixed(0),
    (total / ((lastAt - started) / 1000)).toFixed(0),
    percentile(lags, 0.5).toFixed(1),
    percentile(lags, 0.99).toFixed(0),
    (((after.cpuMs - before.cpuMs) / total) * 1000).toFixed(0),
  ]
  return table(
    [
      `changes through a hub of ${count} entries to ${subscribers} subscribers`,
      'put in a second',
      'with the last subscriber in a second',
      'p50 ms from put to there',
      'p99 ms',
      "µs of the hub's CPU time each",
    ],
    [row],
  )
}

/** Another value each time, or there were nothing to tell. */
function withTurn(/** @type {{ value: string }} */ { value }, /** @type {number} */ turn) {
  const entry = JSON.parse(fromBase64(value))
  return toBase64(JSON.stringify({ ...entry, meta: { turn } }))
}
