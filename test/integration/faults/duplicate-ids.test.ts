/** Two servers under one id: the one that lives has it (row 6 of the fault list). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openRegistry } from '../../../src/registry/index.js'
import { addLines, deadLine } from '../../support/foreign-lines.js'
import { startHub, type TestHub } from '../../support/hub.js'
import { readIndex } from '../../support/index-file.js'
import {
  createTestHome,
  projectRoot,
  type RunningProcess,
  startEchoServer,
  startProcess,
  startSpikeServer,
  type TestHome,
} from '../../support/processes.js'

const portsInIndex = (home: TestHome, id: string): number[] =>
  readIndex(home.indexPath)
    .filter((line) => line.id === id)
    .map(({ port }) => port)

const portsInView = async (hub: TestHub, id: string): Promise<number[]> => {
  const { servers } = (await (await hub.snapshot()).json()) as { servers: { id: string; port: number }[] }
  return servers.filter((server) => server.id === id).map(({ port }) => port)
}

const portsInList = async (home: TestHome, id: string): Promise<number[]> => {
  await using registry = openRegistry({ home: home.path })
  return (await registry.list()).filter((entry) => entry.id === id).map(({ port }) => port)
}

/** A program that is ready to register under this id, and does so when it gets SIGUSR2. */
async function startCandidate(home: TestHome, id: string): Promise<RunningProcess> {
  const script = join(projectRoot, 'test/support/register-many.js')
  const env = { SHIPYARD_HOME: home.path }
  const candidate = home.own(startProcess(process.execPath, [script, '1', id], { env }))
  await candidate.printed(/^ready$/m)
  return candidate
}

const register = async (candidate: RunningProcess): Promise<boolean> => {
  candidate.child.kill('SIGUSR2')
  const [, ids = ''] = await candidate.printed(/^registered (.*)$/m)
  return ids !== '[]'
}

describe('a foreign line with the id of a live server of ours (row 6)', () => {
  it.each(['first', 'last'] as const)('gives way, with a warning, when it stands %s', async (where) => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const start = async () => home.own(await startEchoServer(home.path))
    const [ours, other] = await Promise.all([start(), start()])
    await expect.poll(hub.ids).toEqual([ours.id, other.id].sort())
    const line = { id: ours.id, port: other.port, pid: other.pid }
    await expect
      .poll(() => {
        // Once more if a server that looked after its own line took it out before the hub could read it.
        if (readIndex(home.indexPath).every(({ instance }) => instance !== undefined)) {
          addLines(home.indexPath, [line], where)
        }
        return hub.warnings.map(({ message }) => message).join('\n')
      })
      .toContain(ours.id)
    expect(hub.warnings.map(({ code }) => code)).toEqual(['WSYARD_ERR_ENTRY_CORRUPT'])
    await expect.poll(() => portsInIndex(home, ours.id)).toEqual([ours.port])
    expect(await portsInView(hub, ours.id)).toEqual([ours.port])
    expect(await portsInList(home, ours.id)).toEqual([ours.port])
  })

  it('gives way without a hub too, to the server itself', async () => {
    await using home = createTestHome()
    const ours = home.own(await startEchoServer(home.path))
    addLines(home.indexPath, [{ id: ours.id, port: 4000, pid: process.pid }])
    expect(await portsInList(home, ours.id)).toEqual([ours.port])
    await expect.poll(() => portsInIndex(home, ours.id)).toEqual([ours.port])
  })
})

describe('two foreign lines with one id (row 6)', () => {
  it.each(['first', 'last'] as const)(
    'leave the live one, with a warning, when the dead stands %s',
    async (where) => {
      await using home = createTestHome()
      const hub = await startHub(home)
      const theirs = home.own(await startSpikeServer(home.path))
      await expect.poll(hub.ids).toEqual([theirs.id])
      addLines(home.indexPath, [await deadLine(theirs.id)], where)
      await expect.poll(() => hub.warnings.map(({ message }) => message).join('\n')).toContain(theirs.id)
      await expect.poll(() => portsInView(hub, theirs.id)).toEqual([theirs.port])
      await expect.poll(() => portsInIndex(home, theirs.id)).toEqual([theirs.port])
    },
  )

  it.each(['first', 'last'] as const)('are the live one in list() when the dead stands %s', async (where) => {
    await using home = createTestHome()
    const theirs = home.own(await startSpikeServer(home.path))
    addLines(home.indexPath, [await deadLine(theirs.id)], where)
    expect(await portsInList(home, theirs.id)).toEqual([theirs.port])
  })

  it('are one entry with a warning when both live, and both stay in the index', async () => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const theirs = home.own(await startSpikeServer(home.path))
    const other = home.own(await startSpikeServer(home.path))
    await expect.poll(hub.ids).toEqual([theirs.id, other.id].sort())
    addLines(home.indexPath, [{ id: theirs.id, port: other.port, pid: other.pid }])
    await expect.poll(() => hub.warnings.map(({ message }) => message).join('\n')).toContain('more than once')
    expect(await portsInView(hub, theirs.id)).toEqual([other.port])
    expect(await portsInList(home, theirs.id)).toEqual([other.port])
    expect(portsInIndex(home, theirs.id)).toEqual([theirs.port, other.port])
  })
})

describe('an id that a new server asks for (row 6)', () => {
  it('is its own when the one that had it was killed, with no hub to clean up', async () => {
    await using home = createTestHome()
    const first = await startCandidate(home, 'worker')
    expect(await register(first)).toBe(true)
    await first.stop('SIGKILL')
    expect(readdirSync(join(home.path, 'servers.d'))).toEqual(['worker.json'])
    const second = await startCandidate(home, 'worker')
    expect(await register(second)).toBe(true)
    expect(pidInFile(home)).toBe(second.pid)
    expect(readIndex(home.indexPath)).toMatchObject([{ id: 'worker', pid: second.pid }])
  })

  it('is its own in the view of a hub as well, once', async () => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const [first, second] = await Promise.all([
      startCandidate(home, 'worker'),
      startCandidate(home, 'worker'),
    ])
    expect(await register(first)).toBe(true)
    await expect.poll(hub.ids).toEqual(['worker'])
    await first.stop('SIGKILL')
    expect(await register(second)).toBe(true)
    await expect.poll(async () => (await hub.snapshot()).text()).toContain(`"pid":${second.pid},`)
    expect(await hub.ids()).toEqual(['worker'])
    expect(pidInFile(home)).toBe(second.pid)
  })

  it('stays with the one of many that got it, when they ask at once; the others are told so', async () => {
    await using home = createTestHome()
    const candidates = await Promise.all(Array.from({ length: 8 }, () => startCandidate(home, 'worker')))
    await Promise.all(candidates.map(register))
    await expect
      .poll(
        () =>
          candidates.filter((candidate) => /(refused|warned) WSYARD_ERR_ID_TAKEN/.test(candidate.output()))
            .length,
        { timeout: 20_000 },
      )
      .toBe(7)
    const holder = candidates.find(({ pid }) => pid === pidInFile(home))
    expect(holder?.output()).not.toContain('WSYARD_ERR_ID_TAKEN')
    for (const loser of candidates) {
      if (loser !== holder) expect(loser.output()).toContain(`pid ${holder?.pid}`)
    }
    expect(readIndex(home.indexPath)).toMatchObject([{ id: 'worker', pid: holder?.pid }])
  })
})

function pidInFile(home: TestHome): number {
  const entry = JSON.parse(readFileSync(join(home.path, 'servers.d/worker.json'), 'utf8')) as { pid: number }
  return entry.pid
}
