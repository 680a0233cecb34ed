#!/usr/bin/env node
/**
 * How soon the entry of a command of `wsyard run` is right: from the moment at which it listens, or no longer does, by its own clock, until a
 * watcher in another process is told. Against `register()` and `close()` in a process that says itself when it begins.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openRegistry } from '../dist/registry/index.js'
import { median, percentile, table } from './statistics.js'

const samples = Number(process.env.SAMPLES ?? 50)
const wantedMs = 200
const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const registry = openRegistry({ home })

/** @type {Map<number, string>} */
const ids = new Map()
/** @type {Set<() => void>} */
const waiting = new Set()
registry.watch((event) => {
  if (event.type !== 'change') return
  for (const { type, entry } of event.changes)
    type === 'removed' ? ids.delete(entry.port) : ids.set(entry.port, entry.id)
  for (const look of waiting) look()
})

const command = ['python3', path('test/support/run-child.py')]
const child = spawn(process.execPath, [path('dist/bin/wsyard.js'), 'run', '--quiet', '--', ...command], {
  env: { ...process.env, SHIPYARD_HOME: home },
  stdio: ['pipe', 'pipe', 'inherit'],
})
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms))

const own = openRegistry({ home })
/** @type {Record<string, number[]>} */
const times = { listens: [], closes: [], registers: [], deregisters: [] }
try {
  for (let sample = -3; sample < samples; sample += 1) {
    child.stdin.write('listen\n')
    const listening = await did('listening')
    await told((has) => has(listening.port))
    note('listens', Date.now() - listening.at, sample)
    await wait(100 + Math.random() * 200)
    child.stdin.write(`close ${listening.port}\n`)
    const closed = await did('closed')
    await told((has) => !has(listening.port))
    note('closes', Date.now() - closed.at, sample)

    const begin = Date.now()
    const registration = await own.register({ port: 4000 })
    await told((has) => has(4000))
    note('registers', Date.now() - begin, sample)
    const end = Date.now()
    await registration.close()
    await told((has) => !has(4000))
    note('deregisters', Date.now() - end, sample)
    await wait(Math.random() * 100)
  }
  const floors = { listens: 'registers', closes: 'deregisters' }
  console.log(
    table(
      ['from', 'samples', 'p50 ms', 'p95 ms', 'max ms', `within ${wantedMs} ms`, 'of the floor, p50'],
      Object.entries(times).map(([what, all]) => {
        const floor = times[floors[/** @type {keyof typeof floors} */ (what)] ?? what] ?? []
        const ratio = median(all) / Math.max(median(floor), 1)
        const within = `${Math.round((100 * all.filter((ms) => ms <= wantedMs).length) / all.length)} %`
        const figures = [median(all), percentile(all, 0.95), Math.max(...all)].map((ms) => ms.toFixed(0))
        return [`it ${what}`, String(all.length), ...figures, within, ratio.toFixed(1)]
      }),
    ),
  )
} finally {
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('exit', resolve))
  await own.close()
  await registry.close()
  rmSync(home, { recursive: true, force: true })
}

/** @param {keyof typeof times} what @param {number} ms @param {number} sample */
function note(what, ms, sample) {
  if (sample >= 0) times[what]?.push(ms)
}

/** Resolves to what the command says that it has done. @param {string} what */
async function did(what) {
  for (;;) {
    const { value, done } = await lines.next()
    if (done) throw new Error('The command has ended')
    const [, port, at] = new RegExp(`^${what} (\\d+).* at ([\\d.]+) by`).exec(value) ?? []
    if (port !== undefined) return { port: Number(port), at: Number(at) }
  }
}

/** @param {(has: (port: number) => boolean) => boolean} isRight */
function told(isRight) {
  return new Promise((/** @type {(value: void) => void} */ resolve) => {
    const look = () => {
      if (!isRight((port) => ids.has(port))) return
      waiting.delete(look)
      resolve()
    }
    waiting.add(look)
    look()
  })
}
