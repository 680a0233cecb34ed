/** An index that is half-written, and who waits for whom. The clock alone is not real here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ensureDirectories, type RegistryPaths, registryPaths } from './entry-files.js'
import { createIndexSync } from './index-sync.js'
import { contentOf, createLossClock, readWholeIndex, tornIndexMs, withIndexFile } from './open-index.js'

let paths: RegistryPaths
beforeEach(() => {
  paths = registryPaths(mkdtempSync(join(tmpdir(), 'wsyard-test-')))
  ensureDirectories(paths)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(paths.home, { recursive: true })
})

const foreign = { id: 'theirs', port: 4000, pid: process.pid }

it('is lost when it has lain untouched for a while, not while it is being written', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000)
  const lostFor = createLossClock()
  const look = (): number => withIndexFile(paths, (file) => lostFor(contentOf(file), file))

  writeFileSync(paths.index, '{ "ser')
  expect(look()).toBe(0)
  clock.mockReturnValue(1040)
  expect(look()).toBe(40)
  writeFileSync(paths.index, '{ "servers": [')
  expect(look()).toBe(0)
  clock.mockReturnValue(1040 + tornIndexMs)
  expect(look()).toBe(tornIndexMs)
  writeFileSync(paths.index, '{ "servers": [] }')
  expect(look()).toBe(0)
})

it('is read once it is whole, and nobody stands still until then', async () => {
  const standingStill = vi.spyOn(Atomics, 'wait')
  writeFileSync(paths.index, '{ "servers": [')
  const reading = readWholeIndex(paths)
  const sync = createIndexSync(paths, () => {})
  expect(sync.run({})).toBe(false)
  writeFileSync(paths.index, JSON.stringify({ servers: [foreign] }))
  expect((await reading)?.lines).toEqual([foreign])
  expect(sync.run({})).toBe(true)
  expect(standingStill).not.toHaveBeenCalled()
})

it('that is broken is none', async () => {
  writeFileSync(paths.index, '{ "servers": [')
  expect(await readWholeIndex(paths)).toBeUndefined()
})
