/** Writers that know of no others, at the worst moments. The clock alone is not real here. */
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { isRecord } from '../../../core/index.js'
import { ensureDirectories, type RegistryPaths, registryPaths } from './entry-files.js'
import { createIndexSync, type IndexSync } from './index-sync.js'
import { lateMs } from './late-writes.js'

let paths: RegistryPaths
let sync: IndexSync
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) // none is left when its directory has gone
  paths = registryPaths(mkdtempSync(join(tmpdir(), 'wsyard-test-')))
  ensureDirectories(paths)
  sync = createIndexSync(paths, (warning) => expect.fail(warning.message))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  rmSync(paths.home, { recursive: true })
})

it('puts back what went into a replaced index, and once more where a reading of before takes it out', () => {
  writeLate()
  const read = ids()
  expect(read).toEqual(['first'])
  sync.run({})
  expect(ids()).toEqual(['first', 'late'])
  write([...read, 'next'])
  sync.run({})
  expect(ids()).toEqual(['first', 'next', 'late'])
})

it('lets it go when it has stood there for a while', () => {
  writeLate()
  sync.run({})
  const now = performance.now()
  vi.spyOn(performance, 'now').mockReturnValue(now + lateMs + 1)
  sync.run({})
  write(['first'])
  sync.run({})
  expect(ids()).toEqual(['first'])
})

/** Somebody opens the index, we replace it, and he writes into what has lost its name. */
function writeLate(): void {
  write(['first', 'gone'])
  const descriptor = openSync(paths.index, 'r+')
  sync.run({ isForeignGone: (line) => isRecord(line) && line.id === 'gone' })
  ftruncateSync(descriptor)
  writeSync(descriptor, textOf(['first', 'gone', 'late']))
  closeSync(descriptor)
}

function write(lines: readonly string[]): void {
  writeFileSync(paths.index, textOf(lines))
}

function textOf(lines: readonly string[]): string {
  return JSON.stringify({ servers: lines.map((id) => ({ id, port: 1, pid: 1 })) })
}

function ids(): string[] {
  const { servers } = JSON.parse(readFileSync(paths.index, 'utf8')) as { servers: { id: string }[] }
  return servers.map(({ id }) => id)
}
