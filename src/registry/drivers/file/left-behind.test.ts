/** What killed writers leave behind, and when it is taken away. The clock alone is not real here. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ensureDirectories, entryPath, type RegistryPaths, registryPaths } from './entry-files.js'
import { createForeignEntries } from './foreign-entries.js'
import { createManagedEntries } from './managed-entries.js'
import { createTemporarySweep } from './safe-write.js'
import { createUpkeep } from './upkeep.js'

let paths: RegistryPaths
beforeEach(() => {
  paths = registryPaths(mkdtempSync(join(tmpdir(), 'wsyard-test-')))
  ensureDirectories(paths)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(paths.home, { recursive: true })
})

it('a file that holds no entry is left to its server to mend for half a minute', () => {
  const warnings: unknown[] = []
  const managed = createManagedEntries(paths, (warning) => warnings.push(warning))
  writeFileSync(entryPath(paths, 'torn'), '{"id": "to')
  managed.scan()
  expect(warnings).toMatchObject([{ code: 'WSYARD_ERR_ENTRY_CORRUPT' }])
  const now = performance.now()
  const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 29_000)
  expect(managed.torn()).toEqual([])
  clock.mockReturnValue(now + 31_000)
  expect(managed.torn()).toEqual(['torn'])
})

it('a file that held no entry is taken away with a word before and after', () => {
  const warnings: string[] = []
  const warn = (warning: unknown): void => void warnings.push(String(warning))
  const managed = createManagedEntries(paths, warn)
  const upkeep = createUpkeep(paths, managed, createForeignEntries(paths, warn), warn, warn)
  const path = entryPath(paths, 'torn')
  writeFileSync(path, '')
  managed.scan()
  upkeep.tidy()
  expect(warnings).toEqual([
    expect.stringMatching(/Skipped \S+torn\.json: it is empty\. .* a hub removes it after 30 s\.$/),
  ])
  expect(existsSync(path)).toBe(true)
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 31_000)
  upkeep.tidy()
  expect(existsSync(path)).toBe(false)
  expect(warnings.slice(1)).toEqual([
    expect.stringMatching(/Removed \S+torn\.json: it has held no entry of that name for 30 s\./),
  ])
})

it('a file that its server has mended since is not taken away', () => {
  const managed = createManagedEntries(paths, () => {})
  const path = entryPath(paths, 'mended')
  writeFileSync(path, '')
  managed.scan()
  const startedAt = new Date().toISOString()
  const instance = '0'.repeat(32)
  writeFileSync(path, JSON.stringify({ id: 'mended', port: 1, pid: process.pid, startedAt, instance }))
  managed.scan()
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000)
  expect(managed.torn()).toEqual([])
  expect([...managed.entries.keys()]).toEqual(['mended'])
})

it('a file that holds the entry of another id is not taken away while the server of that lives', async () => {
  const managed = createManagedEntries(paths, () => {})
  const sleeper = spawn('sleep', ['60'])
  try {
    const [startedAt, instance] = [new Date().toISOString(), '0'.repeat(32)]
    const entry = { id: 'worker', port: 1, pid: sleeper.pid, startedAt, instance }
    writeFileSync(entryPath(paths, 'Worker'), JSON.stringify(entry))
    managed.scan()
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000)
    expect([...managed.entries.keys()]).toEqual([])
    expect(managed.torn()).toEqual([])
  } finally {
    sleeper.kill('SIGKILL')
  }
  await once(sleeper, 'exit')
  expect(managed.torn()).toEqual(['Worker'])
})

it('what is no file of this user is not ours to take away', () => {
  const managed = createManagedEntries(paths, () => {})
  writeFileSync(entryPath(paths, 'large'), ' '.repeat(10_000))
  managed.scan()
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000)
  expect(managed.torn()).toEqual([])
})

it('temporaries are swept when they are old and have been seen before, whichever way the clock has jumped', () => {
  const sweep = createTemporarySweep([paths.home, paths.entries])
  const hour = 3_600_000
  const ages: [string, number][] = [
    [join(paths.entries, '.a.json.0123456789ab.tmp'), hour],
    [join(paths.home, '.servers.json.0123456789ab.tmp'), -hour],
    [join(paths.home, '.servers.json.4711.claim'), hour],
    [join(paths.entries, '.b.json.0123456789ab.tmp'), 0],
    [join(paths.entries, '.notes.swp'), hour],
    [join(paths.entries, 'c.json'), hour],
  ]
  for (const [path, age] of ages) {
    writeFileSync(path, '')
    utimesSync(path, new Date(Date.now() - age), new Date(Date.now() - age))
  }
  const present = () => ages.map(([path]) => existsSync(path))
  sweep()
  expect(present()).toEqual([true, true, true, true, true, true])
  sweep()
  expect(present()).toEqual([false, false, false, true, true, true])
  expect(readdirSync(paths.entries).sort()).toEqual(['.b.json.0123456789ab.tmp', '.notes.swp', 'c.json'])
})
