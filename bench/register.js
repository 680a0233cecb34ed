#!/usr/bin/env node
/**
 * What registering costs with many entries present: the file of one's own, and the whole `register()` with the index,
 * against writing a temporary file and renaming it (the floor) and against one JSON file under a lock (the peer).
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { entryPath, registryPaths, writeEntry } from '../dist/registry/drivers/file/entry-files.js'
import { openRegistry } from '../dist/registry/index.js'
import { createLockedFile, jsonOf, writeAndRename } from './locked-file.js'
import { fillRegistry, newEntry } from './present-entries.js'
import { median, spread, table } from './statistics.js'

const sizes = (process.env.SIZES ?? '1,10,100,1000,10000').split(',').map(Number)
const rounds = Number(process.env.ROUNDS ?? 25)
const warmUps = 15

/**
 * When a file last got its name in each directory: what `register()` does first, seen from outside.
 * @type {Map<string, number>}
 */
const namedAt = new Map()
for (const call of /** @type {const} */ (['linkSync', 'renameSync'])) {
  const original = fs[call]
  fs[call] = (from, to) => {
    original(from, to)
    namedAt.set(dirname(String(to)), performance.now())
  }
}
syncBuiltinESMExports()

/** Removed at the end only: some file systems make files slowly for a while after many were removed. */
const all = fs.mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
/** @type {string[][]} */
const rows = []
/** @type {[number, number][]} */
const whole = []
for (const size of sizes) {
  const times = await measure(size)
  rows.push(...rowsOf(size, times))
  whole.push([size, median(times['register(), whole'] ?? [])])
}
fs.rmSync(all, { recursive: true, force: true })
console.log(table(['present', 'what', 'ms: median (min–max)', 'of the floor', 'of the locked file'], rows))
console.log(`\nThe whole register(), from one size to the next: ${growth(whole)}`)

/**
 * Times in milliseconds, by what was timed.
 * @param {number} size
 * @returns {Promise<Record<string, number[]>>}
 */
async function measure(size) {
  const scratch = fs.mkdtempSync(join(all, String(size)))
  const home = join(scratch, 'home')
  const paths = registryPaths(home)
  fillRegistry(home, size)
  const lockedPath = join(scratch, 'locked.json')
  fs.copyFileSync(paths.index, lockedPath)
  const locked = createLockedFile(lockedPath)
  const onWarning = (/** @type {Error} */ warning) => console.error(warning.message)

  /** @type {Record<string, number[]>} */
  const times = {
    floor: [],
    'own file': [],
    'register(), own file': [],
    'register(), whole': [],
    'locked file': [],
  }
  const note = (/** @type {string} */ what, /** @type {number} */ ms) => times[what]?.push(ms)
  // In the directory of the entries, and to a name that is not taken, as an entry's is: making a file is dearer in some
  // directories than in others, and some file systems write out at once what is renamed over another file.
  const floor = () => {
    const entry = newEntry()
    const [path, text] = [entryPath(paths, entry.id), jsonOf(entry)]
    const start = performance.now()
    writeAndRename(join(paths.entries, '.floor.tmp'), path, text)
    note('floor', performance.now() - start)
    fs.unlinkSync(path)
  }
  const ownFile = () => {
    const entry = newEntry()
    const start = performance.now()
    writeEntry(paths, entry, undefined)
    note('own file', performance.now() - start)
    fs.unlinkSync(entryPath(paths, entry.id))
  }
  // A registry of its own each time: a server registers once.
  const wholeRegister = async () => {
    const registry = openRegistry({ home, onWarning })
    const start = performance.now()
    await registry.register(8080)
    note('register(), whole', performance.now() - start)
    note('register(), own file', (namedAt.get(paths.entries) ?? Number.NaN) - start)
    await registry.close()
  }
  const lockedFile = async () => {
    const entry = newEntry()
    const start = performance.now()
    await locked.add(entry)
    note('locked file', performance.now() - start)
    await locked.remove(entry.id)
  }
  // Those that only add a file by themselves: what the others set the disk to do would fall into their time.
  for (const pair of [
    [floor, ownFile],
    [wholeRegister, lockedFile],
  ]) {
    for (let round = 0; round < warmUps + rounds; round += 1) {
      for (const way of round % 2 === 0 ? pair : pair.toReversed()) await way()
    }
  }
  return Object.fromEntries(Object.entries(times).map(([what, values]) => [what, values.slice(warmUps)]))
}

/**
 * @param {number} size
 * @param {Record<string, number[]>} times
 */
function rowsOf(size, times) {
  const of = (/** @type {string} */ what) => median(times[what] ?? [])
  return Object.entries(times).map(([what, values]) => [
    String(size),
    what,
    spread(values),
    (of(what) / of('floor')).toFixed(2),
    (of(what) / of('locked file')).toFixed(2),
  ])
}

/** @param {[number, number][]} medians by size */
function growth(medians) {
  const steps = medians.slice(1).map(([size, ms], position) => {
    const [smaller, before] = medians[position] ?? [size, ms]
    const each = ((ms - before) * 1000) / (size - smaller)
    return `${smaller} to ${size} × ${(ms / before).toFixed(1)} (${each.toFixed(1)} µs for each entry more)`
  })
  return `${steps.join(', ')}.`
}
