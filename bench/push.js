#!/usr/bin/env node
/**
 * What pushing costs: one change to a thousand subscribers against a loop that writes one buffer to a thousand raw
 * sockets, and the way from `register()` in one process, by the hub, to a subscriber in a third, against a rename,
 * `fs.watch` and one write.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openRegistry } from '../dist/registry/index.js'
import { jsonOf, writeAndRename } from './locked-file.js'
import { newEntry } from './present-entries.js'
import { start } from './push-processes.js'
import { median, percentile, spread, table } from './statistics.js'
import { now } from './watching.js'

const samples = Number(process.env.SAMPLES ?? 400)
const rounds = Number(process.env.ROUNDS ?? 300)
const count = Number(process.env.SUBSCRIBERS ?? 1000)
const seconds = Number(process.env.SECONDS_EACH ?? 30)
const warmUps = 30

/** Each round meets the processes at another point of what they do by the clock. */
const pauseMs = 60

const scratch = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const [home, directory] = [join(scratch, 'home'), join(scratch, 'floor')]
mkdirSync(directory)
console.log(`${await tellOne()}\n`)
console.log(await tellAll())
rmSync(scratch, { recursive: true, force: true })

/** From a registration to one subscriber. */
async function tellOne() {
  const registry = openRegistry({ home, onWarning: (warning) => console.error(warning.message) })
  const { subscribers, hub, close } = await startAll([home], 1)
  const register = async () => {
    const { id, port, name } = newEntry()
    const begun = now()
    const registration = await registry.register({ port, id, name })
    const [known, told] = [await hub.said('change'), await subscribers.said('hub')]
    await registration.close()
    await Promise.all([hub.said('change'), subscribers.said('hub')])
    return { known: known.at - begun, told: told.at - begun }
  }
  const rename = async () => {
    const entry = newEntry()
    const path = join(directory, `${entry.id}.json`)
    const text = jsonOf(entry)
    const begun = now()
    writeAndRename(`${path}.tmp`, path, text)
    const { at } = await subscribers.said('floor')
    return at - begun
  }

  /** @type {{ known: number, told: number }[]} */
  const own = []
  /** @type {number[]} */
  const floors = []
  const ways = [async () => void own.push(await register()), async () => void floors.push(await rename())]
  await inTurns(samples, ways)
  await Promise.all([close(), registry.close()])
  const [ours, theirs] = [own.slice(warmUps), floors.slice(warmUps)]
  const rows = [
    { title: 'rename, fs.watch, write to a socket (the floor)', values: theirs },
    { title: 'register() until the hub knows', values: ours.map(({ known }) => known) },
    { title: 'register() until the subscriber has it', values: ours.map(({ told }) => told) },
  ]
  return table(
    ['from one process by another to a third', 'samples', 'p50 ms', 'p99 ms', 'p50 of the floor'],
    rows.map(({ title, values }) => [
      title,
      String(values.length),
      median(values).toFixed(2),
      percentile(values, 0.99).toFixed(2),
      (median(values) / median(theirs)).toFixed(2),
    ]),
  )
}

/** From the hub to the last of all subscribers. */
async function tellAll() {
  const all = await startAll([], count)
  const { subscribers, hub, floor } = all
  /** @type {{ hub: number[], floor: number[] }} */
  const times = { hub: [], floor: [] }
  let bytes = 0
  const tell = async (/** @type {'hub' | 'floor'} */ name) => {
    all[name].tell(name === 'hub' ? { change: true } : { bytes })
    const [begun, told] = [await all[name].said('change'), await subscribers.said(name)]
    times[name].push(told.at - begun.at)
    bytes = told.bytes
  }
  await tell('hub')
  const before = { hub: await hub.cost(), floor: await floor.cost() }
  await inTurns(rounds, [() => tell('hub'), () => tell('floor')])
  const after = { hub: await hub.cost(), floor: await floor.cost() }
  await setTimeout(seconds * 1000)
  const rested = { hub: await hub.cost(), floor: await floor.cost() }
  await all.close()

  const ratios = times.hub.slice(warmUps + 1).map((ms, round) => ms / (times.floor[warmUps + round] ?? 0))
  const rowOf = (/** @type {'hub' | 'floor'} */ name, /** @type {string} */ title) => {
    const own = times[name].slice(-rounds)
    const cpuMs = after[name].cpuMs - before[name].cpuMs
    return [
      title,
      median(own).toFixed(2),
      percentile(own, 0.99).toFixed(2),
      (median(own) / median(times.floor.slice(-rounds))).toFixed(2),
      name === 'hub' ? spread(ratios) : '1',
      ((cpuMs * 1000) / (rounds + warmUps) / count).toFixed(2),
      ((all.memory[name] / count) * 2 ** -10).toFixed(1),
      ((rested[name].cpuMs - after[name].cpuMs) / (seconds * 10)).toFixed(2),
    ]
  }
  return table(
    [
      `one message of ${bytes} bytes to ${count}`,
      'ms until the last has it: p50',
      'p99',
      'p50 of the floor',
      'ratio round by round: median (min–max)',
      'µs of CPU time each',
      'KiB of memory each',
      '% of one core at rest',
    ],
    [rowOf('hub', 'push'), rowOf('floor', 'one buffer, raw sockets (the floor)')],
  )
}

/**
 * Runs the ways in turns, so many times after the warm-up, the order turning too.
 * @param {number} times
 * @param {(() => Promise<void>)[]} ways
 */
async function inTurns(times, ways) {
  for (let round = -warmUps; round < times; round += 1) {
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      await setTimeout(pauseMs * Math.random())
      await way()
    }
  }
}

/**
 * A hub, the floor, and so many subscribers to each; what memory each subscriber costs them.
 * @param {readonly string[]} hubArgs
 * @param {number} each
 */
async function startAll(hubArgs, each) {
  const subscribers = start('push-subscribers.js')
  const [hub, floor] = [start('push-hub.js', hubArgs), start('push-floor.js', [directory])]
  const memory = { hub: 0, floor: 0 }
  for (const [to, server] of /** @type {const} */ ([
    ['hub', hub],
    ['floor', floor],
  ])) {
    const { port } = await server.said('ready')
    const before = await server.cost()
    subscribers.tell({ connect: { to, port, count: each, isHub: to === 'hub' } })
    await subscribers.said('connected')
    memory[to] = (await server.cost()).rss - before.rss
  }
  const close = () => Promise.all([subscribers, hub, floor].map((one) => one.close()))
  return { subscribers, hub, floor, memory, close }
}
