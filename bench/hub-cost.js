#!/usr/bin/env node
/**
 * What a hub costs while nothing happens: its CPU time over live processes, and that of asking servers whether they
 * answer, which it does seldom and is measured by itself.
 */
import { fork, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { probeServer } from '../dist/registry/probe-port.js'
import { end, heard } from './child.js'
import { fillRegistry, newEntry } from './present-entries.js'
import { table } from './statistics.js'
import { now, startWatcher } from './watching.js'

const seconds = Number(process.env.SECONDS_EACH ?? 20)
const processes = Number(process.env.PROCESSES ?? 1000)
const sizes = (process.env.SIZES ?? '0,1000,10000').split(',').map(Number)
/** In the last row some other process begins as often as this: the hub cannot tell any more that nobody has ended. */
const restlessMs = 50
const asks = Number(process.env.ASKS ?? 300)

const sleepers = Array.from({ length: processes }, () => spawn('sleep', ['600'], { stdio: 'ignore' }))
const pids = sleepers.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
const server = fork(fileURLToPath(new URL('answering-server.js', import.meta.url)))
/** @type {string[][]} */
const rows = []
try {
  const port = Number(await heard(server, server, 'message'))
  const askMs = await costOfAsking(port)
  for (const size of sizes) rows.push(await measure(size, port, askMs))
  const restless = setInterval(() => spawn('true', { stdio: 'ignore' }), restlessMs)
  rows.push(['1000, among others that come and go', ...(await measure(1000, port, askMs)).slice(1)])
  clearInterval(restless)
} finally {
  await Promise.all([server, ...sleepers].map(end))
}
console.log(
  table(
    [
      'entries',
      'live processes',
      '% of one core, looking',
      'asking',
      'together',
      'ms of CPU time to start',
      'resident MiB',
    ],
    rows,
  ),
)

/**
 * @param {number} size
 * @param {number} port
 * @param {number} askMs
 */
async function measure(size, port, askMs) {
  const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
  const home = join(scratch, 'home')
  fillRegistry(home, size, pids, port)
  const watcher = await startWatcher(home)
  if (watcher.count !== size) throw new Error(`the hub sees ${watcher.count} of ${size}`)
  const started = await watcher.cost()
  await setTimeout(2000) // all that follows a start is over
  const [start, before] = [now(), await watcher.cost()]
  await setTimeout(seconds * 1000)
  const { cpuMs, rss } = await watcher.cost()
  const looking = (cpuMs - before.cpuMs) / (now() - start)
  await watcher.close()
  rmSync(scratch, { recursive: true, force: true })
  const asking = (Math.min(size / 10, 10) * askMs) / 1000
  return [
    String(size),
    String(Math.min(size, processes)),
    ...[looking, asking, looking + asking].map((share) => (share * 100).toFixed(2)),
    started.cpuMs.toFixed(0),
    (rss / 1024 ** 2).toFixed(0),
  ]
}

/**
 * CPU milliseconds to ask one server. A hub asks each every ten seconds, but no more than ten a second on average: of
 * many, none falls into the time that is measured.
 * @param {number} port
 */
async function costOfAsking(port) {
  const entry = { ...newEntry(), port }
  for (let count = 0; count < 50; count += 1) await probeServer(entry, 5000)
  const before = process.cpuUsage()
  for (let count = 0; count < asks; count += 1) {
    if (!(await probeServer(entry, 5000))) throw new Error('a server that answers was held to be silent')
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / asks
}
