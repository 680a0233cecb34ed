/** File systems on which `fs.watch` says nothing, as those of a network do (row 22 of the fault list). */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addLines } from '../../support/foreign-lines.js'
import { indexIdsOrNone } from '../../support/index-file.js'
import {
  createTestHome,
  projectRoot,
  removeHome,
  startEchoServer,
  type TestHome,
} from '../../support/processes.js'
import { type Observer, startObserver } from '../../support/surroundings.js'

const preload = join(projectRoot, 'test/support/silent-watch.js')

const startDeafHub = async (home: TestHome, env: Record<string, string>): Promise<Observer> => {
  const observer = await startObserver(home, { nodeArgs: ['--import', preload], env })
  await observer.printed(/^fs\.watch (is silent|fails) on /m)
  return observer
}

describe.each([
  ['says nothing', {}],
  ['cannot be had', { WATCH_FAILS: 'yes' }],
])('a hub whose fs.watch %s (row 22)', (_how, env) => {
  it('sees who comes, leaves and is killed, and what foreign programs write', async () => {
    await using home = createTestHome()
    const observer = await startDeafHub(home, env)
    const first = home.own(await startEchoServer(home.path))
    await expect.poll(observer.ids).toEqual([first.id])
    const second = home.own(await startEchoServer(home.path))
    await expect.poll(observer.ids).toEqual([first.id, second.id].sort())
    addLines(home.indexPath, [{ id: 'theirs', port: first.port, pid: process.pid }])
    await expect.poll(observer.ids).toEqual(['theirs', first.id, second.id].sort())
    await first.stop('SIGTERM')
    await expect.poll(observer.ids).toEqual(['theirs', second.id].sort())
    await second.stop('SIGKILL')
    await expect.poll(observer.ids).toEqual(['theirs'])
    await expect.poll(() => indexIdsOrNone(home.indexPath)).toEqual(['theirs'])
    expect(observer.replay().removed).toEqual([
      { id: first.id, reason: 'deregistered' },
      { id: second.id, reason: 'exited' },
    ])
  })

  it.each([
    ['servers.json', (home: TestHome) => rmSync(home.indexPath)],
    ['the whole home', removeHome],
  ])('makes %s anew when it is removed (row 9), while the servers can do nothing', async (_what, remove) => {
    await using home = createTestHome()
    const observer = await startDeafHub(home, env)
    const start = async () => home.own(await startEchoServer(home.path))
    const [dead, ...servers] = await Promise.all([start(), start(), start()])
    const ids = servers.map(({ id }) => id).sort()
    await expect.poll(observer.ids).toEqual([dead.id, ...ids].sort())
    await dead.stop('SIGKILL')
    await expect.poll(observer.ids).toEqual(ids)
    for (const { child } of servers) child.kill('SIGSTOP')
    remove(home)
    await expect.poll(() => indexIdsOrNone(home.indexPath)).toEqual(ids)
    expect(observer.ids()).toEqual(ids)
    expect(observer.replay().removed.filter(({ id }) => ids.includes(id))).toEqual([])
  })
})
