#!/usr/bin/env node
/**
 * What a command of `wsyard` takes from its start to its end, against `node -e 0` and, where there is one, a peer.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end, heard } from './child.js'
import { median, spread, table } from './statistics.js'

const rounds = Number(process.env.ROUNDS ?? 30)
const warmUps = 2
const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const wsyard = path('dist/bin/wsyard.js')
const home = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const env = { ...process.env, SHIPYARD_HOME: home }

const servers = ['a', 'b', 'c'].map((name) =>
  spawn(process.execPath, [path('examples/echo/server.js'), '--name', `worker-${name}`], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
)
try {
  const lines = await Promise.all(servers.map((server) => heard(server, server.stdout, 'data')))
  const port = /port (\d+)/.exec(String(lines[0]))?.[1]
  /** @type {Record<string, string[]>} */
  const commands = {
    'node -e 0': ['-e', '0'],
    'wsyard --version': [wsyard, '--version'],
    'wsyard --help': [wsyard, '--help'],
    'wsyard ls, of three servers': [wsyard, 'ls'],
    'wsyard connect worker-a --send hi': [wsyard, 'connect', 'worker-a', '--send', 'hi'],
    'wscat -c ws://127.0.0.1:… -x hi -w 0': [
      path('node_modules/wscat/bin/wscat'),
      '-c',
      `ws://127.0.0.1:${port}`,
      '-x',
      'hi',
      '-w',
      '0',
    ],
  }
  const times = new Map(Object.keys(commands).map((name) => [name, /** @type {number[]} */ ([])]))
  for (let round = -warmUps; round < rounds; round += 1) {
    const turn = Object.entries(commands)
    if (round % 2 !== 0) turn.reverse()
    for (const [name, args] of turn) {
      const start = performance.now()
      const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`)
      if (round >= 0) times.get(name)?.push(performance.now() - start)
    }
  }
  const floor = times.get('node -e 0') ?? []
  console.log(
    table(
      ['from start to end', 'ms: median (min–max)', 'of the floor'],
      [...times].map(([name, all]) => [name, spread(all, 0), (median(all) / median(floor)).toFixed(2)]),
    ),
  )
} finally {
  for (const server of servers) await end(server)
  rmSync(home, { recursive: true, force: true })
}
