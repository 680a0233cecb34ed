#!/usr/bin/env node
/**
 * From spawning our echo server until it is registered, against from spawning a bare `ws` server until it listens.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end, heard } from './child.js'
import { median, spread, table } from './statistics.js'

const pairs = Number(process.env.PAIRS ?? 30)
const warmUps = 3
const scripts = {
  registered: fileURLToPath(new URL('../examples/echo/server.js', import.meta.url)),
  bare: fileURLToPath(new URL('bare-server.js', import.meta.url)),
}

/** @type {{ registered: number[], bare: number[] }} */
const times = { registered: [], bare: [] }
for (let pair = -warmUps; pair < pairs; pair += 1) {
  /** @type {('registered' | 'bare')[]} */
  const order = pair % 2 === 0 ? ['registered', 'bare'] : ['bare', 'registered']
  for (const name of order) {
    const time = await startOnce(scripts[name], name === 'registered')
    if (pair >= 0) times[name].push(time)
  }
}

const ratios = times.registered.map((time, pair) => time / (times.bare[pair] ?? Number.NaN))
const ratio = median(times.registered) / median(times.bare)
console.log(
  table(
    ['from spawn until', 'ms: median (min–max)', 'ratio of medians', 'ratio pair by pair: median (min–max)'],
    [
      ['a bare ws server listens', spread(times.bare, 1), '1', '1'],
      ['our echo server is registered', spread(times.registered, 1), ratio.toFixed(2), spread(ratios)],
    ],
  ),
)

/**
 * @param {string} script
 * @param {boolean} registers
 */
async function startOnce(script, registers) {
  const home = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
  const start = performance.now()
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, SHIPYARD_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const line = await heard(child, child.stdout, 'data')
    const time = performance.now() - start
    if (!String(line).includes('WebSocket server listening on port'))
      throw new Error(`${script} said ${line}`)
    if (registers && readdirSync(join(home, 'servers.d')).length !== 1)
      throw new Error('It was not registered by then')
    return time
  } finally {
    await end(child)
    rmSync(home, { recursive: true, force: true })
  }
}
