/** Taking the files of servers that have exited away: what is left for others to see, and what must not be taken. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ManagedEntry } from '../../../core/index.js'
import { ensureDirectories, entryPath, type RegistryPaths, registryPaths, writeEntry } from './entry-files.js'
import { isMarkedExited, markExited } from './exited-mark.js'

let paths: RegistryPaths
beforeEach(() => {
  paths = registryPaths(mkdtempSync(join(tmpdir(), 'wsyard-test-')))
  ensureDirectories(paths)
})
afterEach(() => rmSync(paths.home, { recursive: true }))

const run = (digit: string): ManagedEntry => ({
  id: 'worker',
  port: 4000,
  pid: process.pid,
  startedAt: '2026-01-03T17:42:03.456Z',
  instance: digit.repeat(32),
  state: 'up',
})
const files = () => readdirSync(paths.entries)

it('a file that is marked as exited can be told from one that was unlinked, and is as old as the mark', () => {
  writeEntry(paths, run('a'), undefined)
  utimesSync(entryPath(paths, 'worker'), 0, 0)
  expect(isMarkedExited(paths, run('a'))).toBe(false)
  expect(markExited(paths, run('a'))).toBe(true)
  expect(isMarkedExited(paths, run('a'))).toBe(true)
  expect(isMarkedExited(paths, run('b'))).toBe(false)
  const [mark = ''] = files()
  expect(mark).toBe(`.worker.json.${'a'.repeat(32)}.exited`)
  expect(statSync(join(paths.entries, mark)).mtimeMs).toBeGreaterThan(0)
})

it('a file that is gone already is not marked', () => {
  expect(markExited(paths, run('a'))).toBe(false)
  expect(files()).toEqual([])
})

it('the file of a server that was started anew under the same id is back in its place', () => {
  writeEntry(paths, run('b'), undefined)
  const before = readFileSync(entryPath(paths, 'worker'), 'utf8')
  expect(markExited(paths, run('a'))).toBe(false)
  expect(files()).toEqual(['worker.json'])
  expect(readFileSync(entryPath(paths, 'worker'), 'utf8')).toBe(before)
})

it('a file that is being written just now is back in its place', () => {
  writeFileSync(entryPath(paths, 'worker'), '{"id": "wor')
  expect(markExited(paths, run('a'))).toBe(false)
  expect(files()).toEqual(['worker.json'])
})
