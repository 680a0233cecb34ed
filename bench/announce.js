#!/usr/bin/env node
/**
 * From before `register()` in one process until a watcher in another is told, against the floor: from before writing a
 * file and renaming it until `fs.watch` in that process has called back and the file is read. Beside them etcd, from
 * before a put until the watch has it, and the spike's pages, which poll.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openRegistry } from '../dist/registry/index.js'
import { put, startEtcd } from './etcd.js'
import { jsonOf, writeAndRename } from './locked-file.js'
import { newEntry } from './present-entries.js'
import { spikePoll } from './spike-poll.js'
import { median, percentile, table } from './statistics.js'
import { now, startWatcher } from './watching.js'

const samples = Number(process.env.SAMPLES ?? 400)
const pages = Number(process.env.PAGES ?? 50)
const announcements = Number(process.env.ANNOUNCEMENTS ?? 3)
const warmUps = 30

/** The watcher meets each announcement at another point of what it does by the clock. */
const pauseMs = 60

const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const [home, floor] = [join(scratch, 'home'), join(scratch, 'floor')]
mkdirSync(floor)
const registry = openRegistry({ home, onWarning: (warning) => console.error(warning.message) })
const etcd = await startEtcd(join(scratch, 'etcd'))
const watcher = await startWatcher(home, floor, etcd?.url)

const ways = { floor: renameAndWatch, register: announce, ...(etcd && { etcd: () => putAndWatch(etcd.url) }) }
/** @type {Record<string, number[]>} */
const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
for (let sample = -warmUps; sample < samples; sample += 1) {
  const order = Object.entries(ways)
  if (sample % 2 === 0) order.reverse()
  for (const [name, way] of order) {
    await setTimeout(pauseMs * Math.random())
    const ms = await way()
    if (sample >= 0) times[name]?.push(ms)
  }
}
await Promise.all([watcher.close(), registry.close(), etcd?.close()])
times.spike = await spikePoll(join(scratch, 'spike.json'), pages, announcements)
rmSync(scratch, { recursive: true, force: true })

const titles = {
  floor: 'rename, fs.watch, read (the floor)',
  register: 'register() to a watcher',
  etcd: 'etcd: put to watch',
  spike: 'the spike: a page that fetches every 5 s',
}
console.log(
  table(
    ['from announcing to being told', 'samples', 'p50 ms', 'p99 ms', 'p50 of the floor', 'p99 of the floor'],
    Object.entries(titles).flatMap(([name, title]) => (times[name] ? [rowOf(title, times[name])] : [])),
  ),
)
const gain = median(times.spike) / median(times.register ?? [])
console.log(`\nregister() is heard of ${Math.round(gain)} times sooner than in the spike, by the medians.`)
if (etcd === undefined) console.log('No etcd beside it: there is no program of this name on the PATH.')

async function announce() {
  const { id } = newEntry()
  const start = now()
  const registration = await registry.register({ port: 8080, id })
  const { at } = await watcher.heard('added', id)
  await registration.close()
  await watcher.heard('removed', id)
  return at - start
}

async function renameAndWatch() {
  const entry = newEntry()
  const path = join(floor, `${entry.id}.json`)
  const text = jsonOf(entry)
  const start = now()
  writeAndRename(`${path}.tmp`, path, text)
  const { at } = await watcher.heard('floor', entry.id)
  rmSync(path)
  return at - start
}

/** @param {string} url */
async function putAndWatch(url) {
  const entry = newEntry()
  const text = jsonOf(entry)
  const start = now()
  await put(url, entry.id, text)
  const { at } = await watcher.heard('etcd', entry.id)
  return at - start
}

/**
 * @param {string} title
 * @param {number[]} values
 */
function rowOf(title, values) {
  const shares = [0.5, 0.99]
  const floors = shares.map((share) => percentile(times.floor ?? [], share))
  const own = shares.map((share) => percentile(values, share))
  const ratios = own.map((ms, position) => (ms / (floors[position] ?? Number.NaN)).toFixed(2))
  return [title, String(values.length), ...own.map((ms) => ms.toFixed(2)), ...ratios]
}
