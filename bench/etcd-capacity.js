#!/usr/bin/env node
/**
 * What one etcd carries: the CPU time that it takes for each thing that servers and hubs ask of it, and how many it does in a second beside this
 * program on one machine. From these follows how many servers, changes and hubs one can serve; the arithmetic is in the README.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEtcdClient } from '../dist/etcd/client/etcd-client.js'
import { createEntryFormat } from '../dist/etcd/entry-format.js'
import { keysBelow } from '../dist/etcd/keys.js'
import { createStore } from '../dist/etcd/store.js'
import { startEtcd } from './etcd.js'
import { newEntry } from './present-entries.js'
import { median, spread, table } from './statistics.js'
import { now } from './watching.js'

const rounds = Number(process.env.ROUNDS ?? 7)
const each = Number(process.env.EACH ?? 2000)
const entries = Number(process.env.ENTRIES ?? 10_000)
const watchers = Number(process.env.WATCHERS ?? 20)

/** In flight at once. */
const lanes = 16

/** Of `/proc/<pid>/stat`, as Linux has it everywhere. */
const tickMs = 10

const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const etcd = await startEtcd(join(scratch, 'etcd'))
if (etcd === undefined) {
  console.log('There is no etcd: install the package etcd-server.')
  process.exit()
}
const { pid } = etcd
const client = createEtcdClient({ endpoints: [etcd.url], certificates: {}, answerMs: 10_000 })
const keys = keysBelow('bench/')
const format = createEntryFormat({
  source: 'etcd://bench',
  prefix: 'bench/',
  seal: undefined,
  onWarning() {},
})
const store = createStore(client.call, { keys, format }, () => {})
const { ID: lease } = await client.call('/v3/lease/grant', { TTL: '3600' })
/** A lease of one server, which holds one key. */
const { ID: own } = await client.call('/v3/lease/grant', { TTL: '3600' })
await store.place(newManaged(), own)
const before = memory()
await inLanes(Array.from({ length: entries }, newManaged), (entry) => store.place(entry, lease))
const perEntry = (memory() - before) / entries / 1024

/** @type {{ title: string, once: () => Promise<unknown> }[]} */
const things = [
  { title: 'a server renews its lease and looks after its entry', once: look },
  { title: 'a server registers, and deregisters', once: comeAndGo },
  { title: `the same, watched by ${watchers} hubs`, once: comeAndGo },
]
const rows = []
const diskBefore = await diskBytes()
for (const [position, { title, once }] of things.entries()) {
  const streams = position === 2 ? await watch(watchers) : []
  /** @type {{ cpuUs: number, perSecond: number }[]} */
  const measured = []
  for (let round = -1; round < rounds; round += 1) {
    const [cpu, begun] = [cpuMs(), now()]
    await inLanes(
      Array.from({ length: each }, (_, turn) => turn),
      once,
    )
    const one = { cpuUs: ((cpuMs() - cpu) / each) * 1000, perSecond: each / ((now() - begun) / 1000) }
    if (round >= 0) measured.push(one)
  }
  for (const stream of streams) stream.close()
  const cpu = measured.map(({ cpuUs }) => cpuUs)
  rows.push([title, spread(cpu, 0), median(measured.map(({ perSecond }) => perSecond)).toFixed(0)])
}
const perComing = ((await diskBytes()) - diskBefore) / (2 * (rounds + 1) * each) / 1024
client.close()
await etcd.close()
rmSync(scratch, { recursive: true, force: true })

console.log(
  table([`with ${entries} entries`, "µs of etcd's CPU time", 'in a second, beside this program'], rows),
)
console.log(`\n${perEntry.toFixed(1)} KiB of etcd's memory for each entry, right after they have come.`)
console.log(`${perComing.toFixed(1)} KiB of its disk for each that came and went, until that is compacted.`)

/** What `keeper.ts` does after a third of the lease's time. */
async function look() {
  await client.call('/v3/lease/keepalive', { ID: lease })
  await client.call('/v3/lease/timetolive', { ID: own, keys: true })
}

/** What counts for its quota. */
async function diskBytes() {
  const response = await fetch(`${etcd?.url}/v3/maintenance/status`, { method: 'POST', body: '{}' })
  return Number((await response.json()).dbSize)
}

async function comeAndGo() {
  const entry = newManaged()
  await store.place(entry, lease)
  await store.remove(entry)
}

function newManaged() {
  return /** @type {import('../dist/core/index.js').ManagedEntry} */ ({
    ...newEntry(),
    machine: 'elsewhere.0',
    state: 'up',
  })
}

async function watch(/** @type {number} */ count) {
  return Promise.all(
    Array.from({ length: count }, () =>
      client.watch(keys.all, 0, { onMessage() {}, onEnd: (error) => console.error(error.message) }),
    ),
  )
}

/**
 * @template T
 * @param {readonly T[]} all
 * @param {(one: T) => Promise<unknown>} use
 */
async function inLanes(all, use) {
  let next = 0
  const lane = async () => {
    for (let position = next++; position < all.length; position = next++)
      await use(/** @type {T} */ (all[position]))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** What etcd has used so far. */
function cpuMs() {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** Its resident memory, in bytes. */
function memory() {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}
