#!/usr/bin/env node
/**
 * From before `register()` in one process until a watcher in another is told, against the floor: from before writing a
 * file and renaming it until `fs.watch` in that process has called back and the file is read. Beside them etcd, from
 * before a put until the watch has it, and the spike's pages, which poll. And the same for leaving: from before a
 * registration is closed, against from before a file is removed.
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

const ways = [renameAndWatch, announce, ...(etcd ? [() => putAndWatch(etcd.url)] : [])]
/** @type {Record<string, number[]>} */
const times = { floor: [], register: [], etcd: [], unlink: [], deregister: [] }
for (let sample = -warmUps; sample < samples; sample += 1) {
  for (const way of sample % 2 === 0 ? ways.toReversed() : ways) {
    const found = await way()
    if (sample < 0) continue
    for (const [name, ms] of Object.entries(found)) times[name]?.push(ms)
  }
}
await Promise.all([watcher.close(), registry.close(), etcd?.close()])
times.spike = await spikePoll(join(scratch, 'spike.json'), pages, announcements)
rmSync(scratch, { recursive: true, force: true })

const columns = ['samples', 'p50 ms', 'p99 ms', 'p50 of the floor', 'p99 of the floor']
console.log(
  table(
    ['from announcing to being told', ...columns],
    [
      rowOf('rename, fs.watch, read (the floor)', times.floor, times.floor),
      rowOf('register() to a watcher', times.register, times.floor),
      ...(etcd ? [rowOf('etcd: put to watch', times.etcd, times.floor)] : []),
      rowOf('the spike: a page that fetches every 5 s', times.spike, times.floor),
    ],
  ),
)
console.log()
console.log(
  table(
    ['from leaving to being told', ...columns],
    [
      rowOf('unlink, fs.watch, no such file (the floor)', times.unlink, times.unlink),
      rowOf('close() of a registration to a watcher', times.deregister, times.unlink),
    ],
  ),
)
const gain = median(times.spike) / median(times.register ?? [])
console.log(`\nregister() is heard of ${Math.round(gain)} times sooner than in the spike, by the medians.`)
if (etcd === undefined) console.log('No etcd beside it: there is no program of this name on the PATH.')

async function announce() {
  const { id } = newEntry()
  await pause()
  const start = now()
  const registration = await registry.register({ port: 8080, id })
  const { at } = await watcher.heard('added', id)
  await pause()
  const end = now()
  await registration.close()
  return { register: at - start, deregister: (await watcher.heard('removed', id)).at - end }
}

async function renameAndWatch() {
  const entry = newEntry()
  const path = join(floor, `${entry.id}.json`)
  const text = jsonOf(entry)
  await pause()
  const start = now()
  writeAndRename(`${path}.tmp`, path, text)
  const { at } = await watcher.heard('floor', entry.id)
  await pause()
  const end = now()
  rmSync(path)
  return { floor: at - start, unlink: (await watcher.heard('floor gone', entry.id)).at - end }
}

/** @param {string} url */
async function putAndWatch(url) {
  const entry = newEntry()
  const text = jsonOf(entry)
  await pause()
  const start = now()
  await put(url, entry.id, text)
  return { etcd: (await watcher.heard('etcd', entry.id)).at - start }
}

function pause() {
  return setTimeout(pauseMs * Math.random())
}

/**
 * @param {string} title
 * @param {number[]} values
 * @param {number[]} floor
 */
function rowOf(title, values = [], floor = []) {
  const shares = [0.5, 0.99]
  const own = shares.map((share) => percentile(values, share))
  const ratios = shares.map((share, position) => ((own[position] ?? 0) / percentile(floor, share)).toFixed(2))
  return [title, String(values.length), ...own.map((ms) => ms.toFixed(2)), ...ratios]
}
