#!/usr/bin/env node
/**
 * From SIGKILL of a registered server until a watcher in another process is told, with no connection open to it.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { end, heard } from './child.js'
import { percentile, table } from './statistics.js'
import { now, startWatcher } from './watching.js'

const samples = Number(process.env.SAMPLES ?? 160)

/** Started together, and killed once all of them are registered, so that no start disturbs a measurement. */
const batch = 20

/** Longer than a hub takes from one look at all pids to the next, so that it is met in every phase. */
const pauseMs = 200

const script = fileURLToPath(new URL('registered-server.js', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const home = join(scratch, 'home')
const watcher = await startWatcher(home)
/** @type {import('node:child_process').ChildProcess[]} */
let servers = []
/** @type {number[]} */
const times = []
try {
  while (times.length < samples) {
    const count = Math.min(batch, samples - times.length)
    servers = Array.from({ length: count }, () => fork(script, [home]))
    const ids = await Promise.all(servers.map((child) => heard(child, child, 'message')))
    await Promise.all(ids.map((id) => watcher.heard('added', id)))
    await setTimeout(1000) // what they do once after registering is over
    for (const [position, child] of servers.entries()) {
      await setTimeout(pauseMs * Math.random())
      const start = now()
      child.kill('SIGKILL')
      times.push((await watcher.heard('removed', ids[position])).at - start)
    }
  }
} finally {
  await Promise.all([watcher.close(), ...servers.map(end)])
  rmSync(scratch, { recursive: true, force: true })
}

console.log(
  table(
    ['from SIGKILL to being told', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms'],
    [
      [
        `${samples} servers, one after another`,
        ...[0.5, 0.9, 0.99, 1].map((share) => percentile(times, share).toFixed(1)),
      ],
    ],
  ),
)
