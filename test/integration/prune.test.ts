/** What is left of servers that have exited, with no hub there to clear away after them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { openRegistry } from '../../src/registry/index.js'
import { indexIds } from '../support/index-file.js'
import { createTestHome, startEchoServer, startProcess, startSpikeServer } from '../support/processes.js'

it('takes out who has exited, managed and foreign, and tells of it afterwards', async () => {
  await using home = createTestHome()
  const [managed, foreign, living] = [
    home.own(await startEchoServer(home.path, ['--name', 'managed'])),
    home.own(await startSpikeServer(home.path)),
    home.own(await startEchoServer(home.path, ['--name', 'living'])),
  ]
  await managed.stop('SIGKILL')
  await foreign.stop('SIGKILL')
  await using registry = openRegistry({ home: home.path })
  expect((await registry.list()).map(({ id }) => id)).toEqual([living.id])
  expect(await registry.removed()).toMatchObject([
    { entry: { id: managed.id, name: 'managed' }, reason: 'exited', removedAt: undefined },
  ])
  expect((await registry.prune()).map(({ id }) => id)).toEqual([managed.id, foreign.id])
  expect(indexIds(home.indexPath)).toEqual([living.id])
  expect(readdirSync(join(home.path, 'servers.d')).filter((name) => !name.startsWith('.'))).toEqual([
    `${living.id}.json`,
  ])
  expect((await registry.removed()).map(({ entry, reason }) => `${entry.id} ${reason}`)).toEqual([
    `${foreign.id} exited`,
    `${managed.id} exited`,
  ])
  expect(await registry.prune()).toEqual([])
})

it('stays away when it was released before, though the process that registered it lives on', async () => {
  await using home = createTestHome()
  await using registry = openRegistry({ home: home.path })
  const server = home.own(startProcess(process.execPath, ['-e', 'process.stdin.resume()'], { input: true }))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const registration = await registry.register({ port: 8080, pid: server.pid })
    registration.release()
    await server.stop('SIGKILL')
    expect(await registry.prune()).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(10_000) // in which a registration is looked after
    expect(await registry.removed()).toHaveLength(1)
  } finally {
    vi.useRealTimers()
  }
})

it('leaves a foreign line of the same id whose server lives', async () => {
  await using home = createTestHome()
  const foreign = home.own(await startSpikeServer(home.path))
  const index = JSON.parse(readFileSync(home.indexPath, 'utf8'))
  const dead = { ...index.servers[0], pid: 2 ** 30, port: 1 }
  writeFileSync(home.indexPath, JSON.stringify({ servers: [dead, ...index.servers] }))
  await using registry = openRegistry({ home: home.path })
  expect(await registry.prune()).toMatchObject([{ pid: 2 ** 30 }])
  expect(JSON.parse(readFileSync(home.indexPath, 'utf8')).servers).toMatchObject([{ pid: foreign.pid }])
})
