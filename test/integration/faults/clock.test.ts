/** Clocks that jump, and a laptop that sleeps (row 13 of the fault list). */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Clock, createClock } from '../../support/clocks.js'
import { hubHasLookedTwice } from '../../support/foreign-lines.js'
import { indexIds, indexIdsOrNone } from '../../support/index-file.js'
import {
  createTestHome,
  type EchoServer,
  listening,
  startSpikeServer,
  type TestHome,
} from '../../support/processes.js'
import { listIn, type Observer, startNode, startObserver } from '../../support/surroundings.js'

const hourMs = 3_600_000

async function startServer(home: TestHome, { env }: Clock): Promise<EchoServer> {
  return home.own(await listening(startNode(home, 'examples/echo/server.js', [], { env })))
}

const startedAt = (home: TestHome, { id }: EchoServer): number => {
  const entry = JSON.parse(readFileSync(join(home.path, 'servers.d', `${id}.json`), 'utf8'))
  return Date.parse(entry.startedAt)
}

const hoursFromNow = (time: number): number => Math.round((time - Date.now()) / hourMs)

const removedAmong = (observer: Observer, ids: string[]) =>
  observer.replay().removed.filter(({ id }) => ids.includes(id))

describe.each([8, -8])('a clock that jumps by %i hours (row 13)', (hours) => {
  it('evicts nobody and doubles nobody, in a hub and servers that run on', async (context) => {
    await using home = createTestHome()
    const clock = createClock(context, home)
    const observer = await startObserver(home, { env: clock.env })
    const servers = await Promise.all([startServer(home, clock), startServer(home, clock)])
    const foreign = home.own(await startSpikeServer(home.path))
    const before = [...servers, foreign].map(({ id }) => id).sort()
    await expect.poll(observer.ids).toEqual(before)

    clock.set(hours)
    const late = await startServer(home, clock)
    expect(hoursFromNow(startedAt(home, late))).toBe(hours)
    const ids = [...before, late.id].sort()
    await expect.poll(observer.ids).toEqual(ids)
    expect(hoursFromNow(observer.clock())).toBe(hours)

    await hubHasLookedTwice(home.indexPath)
    expect(observer.ids()).toEqual(ids)
    expect(removedAmong(observer, ids)).toEqual([])
    expect(indexIds(home.indexPath)).toEqual(ids)
    expect(await listIn(home, { env: clock.env })).toEqual(ids)

    // The timers of hub and servers have not stopped with the jump.
    await late.stop('SIGKILL')
    await expect.poll(observer.ids).toEqual(before)
    await observer.stop('SIGKILL')
    rmSync(home.indexPath)
    const ours = servers.map(({ id }) => id).sort()
    await expect.poll(() => indexIdsOrNone(home.indexPath)).toEqual(ours)
  })

  it('while a hub and a server sleep evicts nobody, and shows who has come and gone meanwhile', async (context) => {
    await using home = createTestHome()
    const clock = createClock(context, home)
    const observer = await startObserver(home, { env: clock.env })
    const [sleeps, dies] = await Promise.all([startServer(home, clock), startServer(home, clock)])
    await expect.poll(observer.ids).toEqual([sleeps.id, dies.id].sort())

    for (const { child } of [observer, sleeps]) child.kill('SIGSTOP')
    clock.set(hours)
    await dies.stop('SIGKILL')
    const comes = await startServer(home, clock)
    for (const { child } of [observer, sleeps]) child.kill('SIGCONT')

    const ids = [sleeps.id, comes.id].sort()
    await expect.poll(observer.ids).toEqual(ids)
    expect(hoursFromNow(observer.clock())).toBe(hours)
    await hubHasLookedTwice(home.indexPath)
    expect(observer.ids()).toEqual(ids)
    expect(removedAmong(observer, [...ids, dies.id])).toEqual([{ id: dies.id, reason: 'exited' }])
    expect(indexIds(home.indexPath)).toEqual(ids)

    await sleeps.stop('SIGTERM')
    await expect.poll(observer.ids).toEqual([comes.id])
  })
})

it('a server that is stopped for long is not evicted by a hub that is awake (row 13)', async () => {
  await using home = createTestHome()
  const observer = await startObserver(home)
  const running = startNode(home, 'examples/echo/server.js', [], {})
  const server = home.own(await listening(running))
  await expect.poll(observer.ids).toEqual([server.id])
  server.child.kill('SIGSTOP')
  await hubHasLookedTwice(home.indexPath)
  expect(observer.ids()).toEqual([server.id])
  expect(removedAmong(observer, [server.id])).toEqual([])
  expect(await listIn(home)).toEqual([server.id])
})
