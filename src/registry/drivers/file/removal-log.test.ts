import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Entry, Token } from '../../../core/index.js'
import { type RegistryPaths, registryPaths } from './entry-files.js'
import { logRemoval, readRemovals } from './removal-log.js'

let paths: RegistryPaths
let log: string
beforeEach(() => {
  paths = registryPaths(mkdtempSync(join(tmpdir(), 'wsyard-log-')))
  log = join(paths.home, 'removed.log')
})
afterEach(() => rmSync(paths.home, { recursive: true, force: true }))

const entry: Entry = {
  id: 'server-1',
  port: 8080,
  pid: 77,
  name: 'worker-a',
  startedAt: '2026-01-03T17:42:03Z',
  meta: { note: 'x'.repeat(4000) },
  token: new Token('x'.repeat(43)),
  state: 'up',
}

it('tells what has left and why, the latest first, without meta and secrets', () => {
  logRemoval(paths, entry, 'exited')
  logRemoval(paths, { ...entry, id: 'server-2' }, 'deregistered')
  const [latest, first, ...others] = readRemovals(paths)
  expect(others).toEqual([])
  expect(latest).toMatchObject({
    reason: 'deregistered',
    entry: { id: 'server-2', name: 'worker-a', port: 8080 },
  })
  expect(first).toMatchObject({
    reason: 'exited',
    entry: { id: 'server-1' },
    removedAt: expect.stringMatching(/Z$/),
  })
  expect(JSON.stringify([latest, first])).not.toMatch(/token|meta|xxx/)
  expect(statSync(log).mode & 0o777).toBe(0o600)
})

it('never grows beyond two files of its size', () => {
  for (let count = 0; count < 2000; count += 1) logRemoval(paths, { ...entry, port: count + 1 }, 'exited')
  const sizes = readdirSync(paths.home).map((name) => statSync(join(paths.home, name)).size)
  expect(sizes.length).toBeLessThanOrEqual(2)
  for (const size of sizes) expect(size).toBeLessThan(66_000)
  const removals = readRemovals(paths)
  expect(removals.length).toBeGreaterThan(200)
  expect(removals[0]?.entry.port).toBe(2000)
})

it.each([
  ['is missing', () => {}],
  ['is a link', () => symlinkSync('/etc/passwd', log)],
  ['is a directory', () => mkdirSync(log)],
])('tells nothing, and does not fail, when it %s', (_what, make) => {
  make()
  expect(readRemovals(paths)).toEqual([])
})

it('passes over lines that are none', () => {
  const good = { removedAt: '2026-01-03T18:00:00Z', reason: 'exited', id: 'a', port: 1, pid: 1 }
  const lines = [
    '',
    '{',
    'null',
    { ...good, reason: 'bored' },
    { ...good, removedAt: 'noon' },
    { ...good, port: 0 },
    good,
  ]
  writeFileSync(log, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  expect(readRemovals(paths)).toMatchObject([{ reason: 'exited', entry: { id: 'a' } }])
})

it('does not fail, nor make it, where the directory is gone or the file a link', () => {
  symlinkSync(join(paths.home, 'elsewhere'), log)
  logRemoval(paths, entry, 'exited')
  expect(readdirSync(paths.home)).toEqual(['removed.log'])
  rmSync(paths.home, { recursive: true })
  logRemoval(paths, entry, 'exited')
  expect(() => statSync(paths.home)).toThrow('ENOENT')
})
