#!/usr/bin/env node
/**
 * Requests per second of `GET /api/registry` in a Vite dev server, against a middleware of the same Vite that returns
 * the same bytes from memory (the floor), and against reading the file at each request (the spike's way).
 */
import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { end, heard } from './child.js'
import { median, spread, table } from './statistics.js'

const sizes = [10, 1000]
const rounds = Number(process.env.ROUNDS ?? 9)
const seconds = Number(process.env.SECONDS_EACH ?? 2)
const routes = { hub: 'api/registry', floor: 'floor', spike: 'spike' }

/** @type {string[][]} */
const rows = []
for (const size of sizes) rows.push(...(await measure(size)))
console.log(table(['entries', 'route', 'requests/s (median)', 'of the floor: median (min–max)'], rows))

/** @param {number} size */
async function measure(size) {
  const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
  const home = join(scratch, 'home')
  fillRegistry(home, size)
  const site = fork(fileURLToPath(new URL('snapshot-site.js', import.meta.url)), {
    env: { ...process.env, SHIPYARD_HOME: home },
  })
  try {
    const url = await heard(site, site, 'message')
    const text = await snapshotOf(url, size)
    site.send(text)
    await heard(site, site, 'message')
    for (const route of [routes.hub, routes.floor]) {
      const response = await fetch(url + route)
      if (response.status !== 200 || (await response.text()) !== text)
        throw new Error(`/${route} does not serve the same bytes (status ${response.status})`)
    }
    return rowsOf(size, await load(url))
  } finally {
    await end(site)
    rmSync(scratch, { recursive: true, force: true })
  }
}

/**
 * Rounds of each route in turn, the order turning too, so that a machine that slows down slows all of them.
 * @param {string} url
 */
async function load(url) {
  /** @type {Record<string, number[]>} */
  const rates = { hub: [], floor: [], spike: [] }
  const names = Object.keys(routes)
  for (let round = -1; round < rounds; round += 1) {
    const shift = (round + names.length) % names.length
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
      const target = url + routes[/** @type {keyof typeof routes} */ (name)]
      const result = await autocannon({ url: target, connections: 10, duration: seconds })
      if (result.non2xx + result.errors > 0)
        throw new Error(`${target}: ${result.non2xx + result.errors} failures`)
      if (round >= 0) rates[name]?.push(result.requests.total / result.duration)
    }
  }
  return rates
}

/**
 * @param {number} size
 * @param {Record<string, number[]>} rates
 */
function rowsOf(size, rates) {
  return Object.entries(rates).map(([name, values]) => {
    const ratios = values.map((rate, round) => rate / (rates.floor?.[round] ?? Number.NaN))
    return [String(size), name, String(Math.round(median(values))), name === 'floor' ? '1' : spread(ratios)]
  })
}

/** Managed entries of this very process, so that all of them live. */
function fillRegistry(/** @type {string} */ home, /** @type {number} */ size) {
  mkdirSync(join(home, 'servers.d'), { recursive: true, mode: 0o700 })
  const servers = Array.from({ length: size }, (_, position) => ({
    id: `server-1735946123456-${String(position).padStart(6, '0')}`,
    port: 1024 + position,
    pid: process.pid,
    startedAt: '2026-01-03T17:42:03.456Z',
    host: '127.0.0.1',
    auth: 'open',
    instance: position.toString(16).padStart(32, '0'),
  }))
  for (const server of servers)
    writeFileSync(join(home, 'servers.d', `${server.id}.json`), JSON.stringify(server))
  writeFileSync(join(home, 'servers.json'), JSON.stringify({ servers }, null, 2))
}

/**
 * @param {string} url
 * @param {number} size
 */
async function snapshotOf(url, size) {
  const text = await (await fetch(url + routes.hub)).text()
  const { servers } = JSON.parse(text)
  if (servers.length !== size) throw new Error(`The snapshot has ${servers.length} of ${size} entries`)
  return text
}
