#!/usr/bin/env node
/**
 * Everything starts anew: 200 processes are held, and register at the same moment. How many of them are there afterwards,
 * and how long it takes until the index and another process's view have all; against the peer and the spike's own way.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { end } from './child.js'
import { median, spread, table } from './statistics.js'
import { now, startWatcher } from './watching.js'

const processes = Number(process.env.PROCESSES ?? 200)
const rounds = Number(process.env.ROUNDS ?? 5)

/** Long enough for everyone to have been told, and for what the last round left to be over. */
const leadMs = 1000

/** How often the index is read while it fills. */
const lookMs = 5

const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const home = join(scratch, 'home')
mkdirSync(home, { mode: 0o700 })

/**
 * Milliseconds from the moment of release, and how many of the servers were there in the end.
 * @typedef {{ returned: number, indexed: number, seen: number, survivors: number }} Outcome
 */
/** @type {Record<string, (round: number) => Promise<Outcome>>} */
const ways = {
  wsyard: registerAll,
  'locked file': (round) => addAll('locked file', round),
  'the spike': (round) => addAll('the spike', round),
}

/** @type {Record<string, Outcome[]>} */
const outcomes = Object.fromEntries(Object.keys(ways).map((way) => [way, []]))
/** @type {import('node:child_process').ChildProcess[]} */
const crowd = []
const watcher = await startWatcher(home)
try {
  const script = fileURLToPath(new URL('held-server.js', import.meta.url))
  for (let started = 0; started < processes; started += 1) crowd.push(fork(script))
  await Promise.all(crowd.map(messageOf))
  // The first round finds code that has never run, as a real restart does.
  for (let round = 0; round <= rounds; round += 1) {
    const names = Object.keys(ways)
    const shift = round % names.length
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
      const outcome = await ways[name]?.(round)
      if (outcome !== undefined) outcomes[name]?.push(outcome)
    }
  }
} finally {
  await Promise.all([watcher.close(), ...crowd.map(end)])
  rmSync(scratch, { recursive: true, force: true })
}
console.log(
  table(
    [
      `${processes} at once`,
      'there afterwards',
      'ms until the last call returned',
      'all in servers.json',
      "all in a watcher's view",
      'all in servers.json, the first time',
    ],
    Object.entries(outcomes).map(([name, all]) => rowOf(name, all)),
  ),
)

/** @param {number} round */
async function registerAll(round) {
  const index = join(home, 'servers.json')
  const ids = idsOf(round)
  const { start, replies } = tellAll('wsyard', home, ids)
  const seen = Promise.all(ids.map((id) => watcher.heard('added', id)))
  const indexed = await indexedAt(index, ids, start)
  const returned = await replies
  const told = (await seen).map(({ at }) => at)
  await setTimeout(leadMs) // so that what a slow writer undoes would be missed
  const survivors = countIn(index, ids)
  const removed = Promise.all(ids.map((id) => watcher.heard('removed', id)))
  await tellAll('leave', home, ids).replies
  await removed
  return { returned: returned - start, indexed: indexed - start, seen: Math.max(...told) - start, survivors }
}

/**
 * @param {string} way
 * @param {number} round
 */
async function addAll(way, round) {
  const path = join(scratch, `${way}.json`)
  writeFileSync(path, '{ "servers": [] }')
  const ids = idsOf(round)
  const { start, replies } = tellAll(way, path, ids)
  const returned = (await replies) - start
  const survivors = countIn(path, ids)
  const indexed = survivors === ids.length ? returned : Number.NaN
  return { returned, indexed, seen: Number.NaN, survivors }
}

/** @param {number} round */
function idsOf(round) {
  return crowd.map((_, position) => `server-${round}-${position}`)
}

/**
 * Has everybody do the same at the same moment. `replies` resolves to when the last had done it.
 * @param {string} way
 * @param {string} path
 * @param {string[]} ids
 */
function tellAll(way, path, ids) {
  const start = now() + leadMs
  const replies = crowd.map(async (child, position) => {
    const reply = messageOf(child)
    child.send({ way, path, id: ids[position], at: start })
    const { hasWorked, at } = await reply
    if (!hasWorked && way !== 'the spike') throw new Error(`${ids[position]} could not do it: ${way}`)
    return at
  })
  return { start, replies: Promise.all(replies).then((times) => Math.max(...times)) }
}

/**
 * The next thing it says.
 * @param {import('node:child_process').ChildProcess} child
 */
async function messageOf(child) {
  const gone = new AbortController()
  const onExit = () => gone.abort(new Error(`process ${child.pid} of the crowd has ended`))
  child.once('exit', onExit)
  try {
    const [message] = await once(child, 'message', { signal: gone.signal })
    return message
  } finally {
    child.off('exit', onExit)
  }
}

/**
 * When the index was first read with all of them in it.
 * @param {string} path
 * @param {string[]} ids
 * @param {number} start
 */
async function indexedAt(path, ids, start) {
  await setTimeout(start - now())
  for (;;) {
    if (countIn(path, ids) === ids.length) return now()
    if (now() - start > 60_000) throw new Error(`${path} has ${countIn(path, ids)} of ${ids.length}`)
    await setTimeout(lookMs)
  }
}

/**
 * @param {string} path
 * @param {string[]} ids
 */
function countIn(path, ids) {
  try {
    const { servers } = JSON.parse(readFileSync(path, 'utf8'))
    const present = new Set(servers.map((/** @type {{ id: string }} */ { id }) => id))
    return ids.filter((id) => present.has(id)).length
  } catch {
    return 0 // not there yet, or torn
  }
}

/**
 * @param {string} name
 * @param {Outcome[]} all
 */
function rowOf(name, [first, ...all]) {
  const survivors = all.map((outcome) => outcome.survivors)
  const ms = (/** @type {keyof Outcome} */ field) => {
    const values = all.map((outcome) => outcome[field])
    return values.some(Number.isNaN) ? '-' : spread(values, 0)
  }
  const cold = first === undefined || Number.isNaN(first.indexed) ? '-' : first.indexed.toFixed(0)
  return [
    name,
    `${median(survivors)} (${Math.min(...survivors)}–${Math.max(...survivors)})`,
    ms('returned'),
    ms('indexed'),
    ms('seen'),
    cold,
  ]
}
