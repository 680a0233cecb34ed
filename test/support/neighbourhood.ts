/**
 * A registry that others are in while something happens to one of its writers: a live server of ours, which is this
 * process, and a foreign line. Tells whether they, and every file, have come through whole.
 */
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { FileDriver } from '../../src/registry/drivers/file/file-driver.js'
import { createMemoryRegistry, openRegistry, type Registry } from '../../src/registry/index.js'
import { indexIds, readIndex } from './index-file.js'
import { createTestHome, type TestHome } from './processes.js'

export const foreignLine = { id: 'foreign', port: 4001, pid: process.pid, color: 'teal', deep: [{ x: null }] }

export interface Neighbourhood extends TestHome {
  /** This process's view of it. */
  readonly registry: Registry
  /** The ids that must be in it whatever happens. */
  readonly ids: readonly string[]
  /** Fails unless every file is whole, the neighbours' are as they were, and the index has one of these lists of ids. */
  expectWhole(...lists: readonly (readonly string[])[]): void
  /** Names of what writers have left behind, claims and temporaries. */
  leftOvers(): string[]
  /** Makes what was left behind as old as it must be to be swept. */
  age(): void
}

export interface NeighbourhoodOptions {
  /** Nobody is in it, and it is not there yet. */
  isEmpty?: boolean | undefined
  /** The neighbour lives but never looks after anything, so that whatever is repaired is repaired by others. */
  isIdle?: boolean
  /** Puts a disk there first. */
  prepare?: (home: TestHome) => void
}

export async function createNeighbourhood(options: NeighbourhoodOptions = {}): Promise<Neighbourhood> {
  const { isEmpty = false, isIdle = false, prepare = () => {} } = options
  const home = createTestHome()
  prepare(home)
  const entries = join(home.path, 'servers.d')
  const registry = openRegistry({ home: home.path })
  home.onCleanUp(() => registry.close())
  if (!isEmpty) {
    const neighbour = { id: 'neighbour', port: 4002 }
    if (isIdle) {
      const { entry } = await createMemoryRegistry().register(neighbour)
      const driver = new FileDriver({ home: home.path, onWarning: () => {} })
      await driver.put(entry)
      await driver.close()
    } else await registry.register(neighbour)
    const index = JSON.parse(readFileSync(home.indexPath, 'utf8')) as { servers: object[] }
    const text = JSON.stringify({ servers: [...index.servers, foreignLine], owner: 'me' }, null, 2)
    writeFileSync(home.indexPath, text)
  }
  const ownFile = join(entries, 'neighbour.json')
  const before = isEmpty ? undefined : readFileSync(ownFile, 'utf8')
  const ids = isEmpty ? [] : ['foreign', 'neighbour']
  const namesIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : [])
  const hidden = (): string[] =>
    [home.path, entries].flatMap((directory) =>
      namesIn(directory)
        .filter((name) => name.startsWith('.'))
        .map((name) => join(directory, name)),
    )

  return {
    ...home,
    registry,
    ids,
    expectWhole(...lists) {
      expect(
        namesIn(home.path).filter((name) => !/^\.|^servers\.(d|json)$|^removed\.log$|^filler$/.test(name)),
      ).toEqual([])
      const log = join(home.path, 'removed.log')
      for (const line of existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])
        expect(JSON.parse(line)).toMatchObject({ removedAt: expect.any(String), reason: expect.any(String) })
      for (const name of namesIn(entries).filter((name) => !name.startsWith('.'))) {
        const entry = JSON.parse(readFileSync(join(entries, name), 'utf8')) as {
          id: string
          instance: string
        }
        expect(`${entry.id}.json`).toBe(name)
        expect(entry.instance).toMatch(/^[0-9a-f]{32}$/)
      }
      if (before !== undefined) expect(readFileSync(ownFile, 'utf8')).toBe(before)
      const present = existsSync(home.indexPath) ? indexIds(home.indexPath) : []
      expect(lists.map((list) => [...ids, ...list].sort())).toContainEqual(present)
      if (isEmpty) return
      expect(readIndex(home.indexPath)).toContainEqual(foreignLine)
      expect(JSON.parse(readFileSync(home.indexPath, 'utf8'))).toMatchObject({ owner: 'me' })
    },
    leftOvers: hidden,
    age() {
      const past = new Date(Date.now() - 31_000)
      for (const path of hidden()) utimesSync(path, past, past)
    },
  }
}
