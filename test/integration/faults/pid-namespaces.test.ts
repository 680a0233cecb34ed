/** Containers that share one home: a pid means nothing outside its namespace (row 19 of the fault list). */
import { expect, it } from 'vitest'
import { hubHasLookedTwice } from '../../support/foreign-lines.js'
import { indexIds, readIndex } from '../../support/index-file.js'
import { pidNamespace, withPid } from '../../support/namespaces.js'
import { createTestHome, listening, startEchoServer, startSpikeServer } from '../../support/processes.js'
import { listIn, startNode, startObserver } from '../../support/surroundings.js'

const echo = 'examples/echo/server.js'
const spike = 'test/support/spike-server.js'

it('a hub keeps the servers of another pid namespace, whatever their pids mean to it (row 19)', async (context) => {
  const namespace = pidNamespace(context)
  await using home = createTestHome()
  const observer = await startObserver(home)
  const [first, second] = freePids()
  const ids: string[] = []
  for (const [script, pid] of [
    [echo, first],
    [spike, second],
    [echo, process.pid], // which here belongs to another process
  ] as const) {
    const running = startNode(home, script, [], { prefix: withPid(namespace, pid) })
    const { id } = await listening(home.own(running))
    await expect.poll(() => readIndex(home.indexPath).find((line) => line.id === id)?.pid).toBe(pid)
    ids.push(id)
  }
  ids.sort()
  await expect.poll(observer.ids).toEqual(ids)
  await hubHasLookedTwice(home.indexPath)
  expect(observer.ids()).toEqual(ids)
  expect(observer.replay().removed.filter(({ id }) => ids.includes(id))).toEqual([])
  expect(indexIds(home.indexPath)).toEqual(ids)
  expect(await listIn(home)).toEqual(ids)
})

it('a hub in another pid namespace keeps the servers outside, whose pids it cannot see (row 19)', async (context) => {
  const prefix = pidNamespace(context)
  await using home = createTestHome()
  const leaves = home.own(await startEchoServer(home.path))
  const stay = [home.own(await startEchoServer(home.path)), home.own(await startSpikeServer(home.path))]
  const ids = stay.map(({ id }) => id).sort()
  const observer = await startObserver(home, { prefix })
  await expect.poll(observer.ids).toEqual([leaves.id, ...ids].sort())
  await leaves.stop('SIGTERM')
  await expect.poll(observer.ids).toEqual(ids)
  await hubHasLookedTwice(home.indexPath)
  expect(observer.ids()).toEqual(ids)
  expect(observer.replay().removed.filter(({ id }) => ids.includes(id))).toEqual([])
  expect(indexIds(home.indexPath)).toEqual(ids)
  expect(await listIn(home, { prefix })).toEqual(ids)
})

/** Two pids that belong to no process here, the highest first: the kernel comes to them last. */
function freePids(): [number, number] {
  const free: number[] = []
  for (let pid = 32_000; free.length < 2; pid -= 1) if (!isTaken(pid)) free.push(pid)
  return [free[0] ?? 0, free[1] ?? 0]
}

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
