/**
 * A thousand registrations at the same moment by 200 processes (row 14 of the fault list) in `npm run test:long`; 250 by 10 in
 * `npm test`, as two cores take a minute for the others.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { indexIds } from '../../support/index-file.js'
import { isLong } from '../../support/length.js'
import { createTestHome } from '../../support/processes.js'
import { listIn, startNode, startObserver } from '../../support/surroundings.js'

const processes = isLong ? 200 : 10
const each = isLong ? 5 : 25
const count = processes * each

it(`keeps all of ${count} servers that ${processes} processes register at once (row 14)`, {
  timeout: 300_000,
}, async () => {
  await using home = createTestHome()
  const observer = await startObserver(home)
  const crowd = Array.from({ length: processes }, () =>
    home.own(startNode(home, 'test/support/register-many.js', [String(each)], {})),
  )
  await Promise.all(crowd.map((running) => running.printed(/^ready$/m)))
  for (const { child } of crowd) child.kill('SIGUSR2')
  const lines = await Promise.all(crowd.map((running) => running.printed(/^registered (.*)$/m)))

  const ids = lines.flatMap(([, json = '']) => JSON.parse(json) as string[]).sort()
  expect(ids).toHaveLength(count)
  expect(new Set(ids).size).toBe(count)
  expect(crowd.map((running) => running.output()).join('')).not.toMatch(/refused|warned/)
  const files = readdirSync(join(home.path, 'servers.d')).filter((name) => !name.startsWith('.'))
  expect(files.sort()).toEqual(ids.map((id) => `${id}.json`).sort())
  await expect.poll(() => indexIds(home.indexPath), { timeout: 60_000 }).toEqual(ids)
  await expect.poll(observer.ids, { timeout: 60_000 }).toEqual(ids)
  expect(observer.replay().removed).toEqual([])
  expect(observer.complaints()).toEqual([])
  expect(await listIn(home)).toEqual(ids)
})
