/** A pid that another process gets once its server has died (row 12 of the fault list). */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openRegistry } from '../../../src/registry/index.js'
import { indexIdsOrNone } from '../../support/index-file.js'
import { pidNamespace } from '../../support/namespaces.js'
import { createTestHome, projectRoot, startProcess } from '../../support/processes.js'

it('tells a hub and list() that a server is gone though its pid runs again (row 12)', async (context) => {
  const [command = '', ...prefix] = pidNamespace(context)
  await using home = createTestHome()
  mkdirSync(home.path)
  const script = join(projectRoot, 'test/support/reused-pid.js')
  const env = { SHIPYARD_HOME: home.path }
  const running = home.own(startProcess(command, [...prefix, process.execPath, script], { env }))
  const [list] = await running.printed(/^\{"pid".*\}$/m)
  const { pid, ...reused } = JSON.parse(list) as { pid: number }
  expect(reused).toEqual({ killed: pid, started: pid, listed: [] })
  const [removal] = await running.printed(/^\{"removed".*\}$/m)
  expect(JSON.parse(removal)).toEqual({ removed: 'exited', runs: true })
  await expect.poll(() => indexIdsOrNone(home.indexPath) ?? []).toEqual([]) // none: it was killed before it had made one
})

it('shows nobody for longer than a turn of the event loop an entry whose pid another process has (row 12)', async () => {
  await using home = createTestHome()
  await using registry = openRegistry({ home: home.path })
  const { entry } = await registry.register(8080)
  const shown: string[] = []
  const there = new Set<string>()
  await new Promise<void>((resolve) => {
    registry.watch((event) => {
      if (event.type === 'snapshot') return resolve()
      for (const { type, entry } of event.changes) {
        if (type === 'removed') there.delete(entry.id)
        else there.add(entry.id)
      }
      setImmediate(() => shown.push(...there))
    })
  })
  const { state: _, ...fields } = entry
  const path = join(home.path, 'servers.d/older.json')
  writeFileSync(path, JSON.stringify({ ...fields, id: 'older', processStart: 'earlier' }), { mode: 0o600 })
  await expect.poll(() => existsSync(path), { timeout: 10_000 }).toBe(false)
  expect(shown).not.toContain('older')
  expect((await registry.list()).map(({ id }) => id)).toEqual([entry.id])
})
