/** Servers that end as they should: each hub tells so at once, whatever else it sees of them at that moment. */
import { expect, it } from 'vitest'
import { createTestHome, startEchoServer } from '../../support/processes.js'
import { startObserver } from '../../support/surroundings.js'

const count = 12

it(`${count} clean exits in a row are ${count} deregistrations`, { timeout: 120_000 }, async () => {
  await using home = createTestHome()
  const hub = await startObserver(home)
  const servers = await Promise.all(Array.from({ length: count }, () => startEchoServer(home.path)))
  for (const server of servers) home.own(server)
  await expect.poll(() => hub.ids().length, { timeout: 30_000 }).toBe(count)

  for (const server of servers) expect(await server.stop('SIGTERM')).toBe(0)

  await expect.poll(hub.ids, { timeout: 30_000 }).toEqual([])
  const reasons = hub.replay().removed.map(({ reason }) => reason)
  expect(reasons).toEqual(Array.from({ length: count }, () => 'deregistered'))
})
