/** A server that leaves at the moment at which somebody removes the whole registry (row 9 of the fault list). */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openRegistry } from '../../src/registry/index.js'
import { indexIdsOrNone } from '../support/index-file.js'
import { createTestHome } from '../support/processes.js'
import { startObserver } from '../support/surroundings.js'

it('stays away though a hub, which cannot know, puts it back with the others (row 9)', async () => {
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
