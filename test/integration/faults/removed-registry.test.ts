/** Somebody removes the whole registry (row 9 of the fault list), and something else happens at that moment. */
import { existsSync, mkdirSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FileDriver } from '../../../src/registry/drivers/file/file-driver.js'
import { createMemoryRegistry, openRegistry } from '../../../src/registry/index.js'
import { indexIdsOrNone, readIndex } from '../../support/index-file.js'
import { createTestHome } from '../../support/processes.js'
import { createReplay } from '../../support/replay.js'
import { startObserver } from '../../support/surroundings.js'

it('a server that leaves just then stays away, though a hub, which cannot know, puts it back (row 9)', async () => {
  await using home = createTestHome()
  const hub = await startObserver(home)
  const registry = openRegistry({ home: home.path })
  home.onCleanUp(() => registry.close())
  const leaving = await registry.register({ id: 'leaving', port: 4001 })
  await registry.register({ id: 'staying', port: 4002 })
  await expect.poll(hub.ids, { timeout: 30_000 }).toEqual(['leaving', 'staying'])

  hub.child.kill('SIGSTOP')
  rmSync(home.path, { recursive: true })
  await leaving.close()
  hub.child.kill('SIGCONT')
  await registry.register({ id: 'late', port: 4003 })
  await expect.poll(hub.ids, { timeout: 30_000 }).toContain('late')

  const ids = ['late', 'staying']
  await expect.poll(hub.ids, { timeout: 30_000 }).toEqual(ids)
  await expect.poll(() => indexIdsOrNone(home.indexPath), { timeout: 30_000 }).toEqual(ids)
  const files = readdirSync(join(home.path, 'servers.d')).filter((name) => !name.startsWith('.'))
  expect(files.sort()).toEqual(ids.map((id) => `${id}.json`))
})

it('servers whose files went one by one before the directory are back with it, though they can do nothing (row 9)', async () => {
  await using home = createTestHome()
  const driver = new FileDriver({ home: home.path, onWarning: () => {} })
  const ids = ['first', 'second']
  for (const id of ids) {
    const { entry } = await createMemoryRegistry().register({ id, port: 4001 })
    await driver.put(entry)
  }
  await driver.close() // nobody looks after them any more
  const hub = await startObserver(home)
  await expect.poll(hub.ids, { timeout: 30_000 }).toEqual(ids)
  const directory = join(home.path, 'servers.d')

  unlinkSync(join(directory, 'first.json'))
  await expect.poll(hub.ids).toEqual(['second'])
  rmSync(directory, { recursive: true })
  await expect.poll(hub.ids, { timeout: 30_000 }).toEqual(ids)
  for (const id of ids) expect(existsSync(join(directory, `${id}.json`))).toBe(true)
})

it('foreign servers that a hub knew are back, though one of ours has begun a registry without them (row 9)', async () => {
  await using home = createTestHome()
  mkdirSync(home.path, { mode: 0o700 })
  const foreign = { id: 'theirs', port: 4001, pid: process.pid, color: 'teal' }
  writeFileSync(home.indexPath, JSON.stringify({ servers: [foreign] }))
  const hub = await startObserver(home)
  await expect.poll(hub.ids, { timeout: 30_000 }).toEqual(['theirs'])

  hub.child.kill('SIGSTOP')
  rmSync(home.path, { recursive: true })
  await using registry = openRegistry({ home: home.path })
  await registry.register({ id: 'ours', port: 4002 })
  hub.child.kill('SIGCONT')
  await expect.poll(hub.ids, { timeout: 30_000 }).toEqual(['ours', 'theirs'])
  await expect.poll(() => readIndex(home.indexPath), { timeout: 30_000 }).toContainEqual(foreign)
  expect(hub.replay().removed).toEqual([])
})

it('foreign servers are back in an index that is removed while one of ours registers (row 9)', async () => {
  await using home = createTestHome()
  const foreign = { id: 'theirs', port: 4001, pid: process.pid, color: 'teal' }
  mkdirSync(join(home.path, 'servers.d'), { recursive: true, mode: 0o700 })
  writeFileSync(home.indexPath, JSON.stringify({ servers: [foreign] }))
  await using registry = openRegistry({ home: home.path })
  const replay = createReplay()
  registry.watch(replay.take)
  await expect.poll(replay.ids).toEqual(['theirs'])

  unlinkSync(home.indexPath)
  await registry.register({ id: 'ours', port: 4002 }) // in the same turn: the hub has yet to see that it is missing
  await expect.poll(() => indexIdsOrNone(home.indexPath)).toEqual(['ours', 'theirs'])
  expect(readIndex(home.indexPath)).toContainEqual(foreign)
  expect(replay.removed).toEqual([])
})
