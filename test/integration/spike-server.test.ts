import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startHub, type TestHub } from '../support/hub.js'
import { indexIds, readIndex } from '../support/index-file.js'
import {
  createTestHome,
  projectRoot,
  startEchoServer,
  startProcess,
  startSpikeServer,
} from '../support/processes.js'
import { startObserver } from '../support/surroundings.js'

describe("a server that follows the spike's text literally", () => {
  it('is found beside ours with its unknown fields kept, and leaves when it says so', async () => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const first = home.own(await startEchoServer(home.path))
    const theirs = home.own(await startSpikeServer(home.path))
    const second = home.own(await startEchoServer(home.path))
    const all = [first.id, second.id, theirs.id].sort()
    await expect.poll(hub.ids).toEqual(all)
    await expect.poll(() => indexIds(home.indexPath)).toEqual(all)
    expect(readIndex(home.indexPath).find(({ id }) => id === theirs.id)).toMatchObject({ color: 'teal' })

    await theirs.stop('SIGTERM')
    await expect.poll(hub.ids).toEqual([first.id, second.id].sort())
    await expect.poll(() => indexIds(home.indexPath)).toEqual([first.id, second.id].sort())
  })

  it('is taken out of the index only once its pid is dead and its port refuses', async () => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const theirs = home.own(await startSpikeServer(home.path))
    await expect.poll(hub.ids).toEqual([theirs.id])
    await theirs.stop('SIGKILL')
    await expect.poll(hub.ids, { timeout: 10_000 }).toEqual([])
    await expect.poll(() => indexIds(home.indexPath)).toEqual([])
  })

  it('loses no entry of 200 that it writes without locks while ours come and go, nor do we (row 10)', {
    timeout: 120_000,
  }, async () => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const stays = home.own(await startEchoServer(home.path))
    const observer = await startObserver(home)
    await expect.poll(hub.ids).toEqual([stays.id])
    const script = join(projectRoot, 'test/support/naive-writer.js')
    const env = { SHIPYARD_HOME: home.path }
    const writer = home.own(startProcess(process.execPath, [script, '200', String(stays.port)], { env }))
    const churn = home.own(
      startProcess(process.execPath, [join(projectRoot, 'test/support/churn.js'), '200'], { env }),
    )
    const over = Promise.all([writer.ended, churn.ended])
    const answers = await answersUntil(over, hub)
    expect(await writer.ended, writer.output()).toBe(0)
    expect(await churn.ended, churn.output()).toBe(0)
    expect(answers.length).toBeGreaterThan(0)
    expect(answers.filter(({ status, ids }) => status !== 200 || !ids.includes(stays.id))).toEqual([])
    expect(answers.filter(({ ids }) => new Set(ids).size < ids.length)).toEqual([])

    const theirs = Array.from({ length: 200 }, (_, position) => `naive-${position}`)
    const expected = [...theirs, stays.id].sort()
    await expect.poll(() => indexIds(home.indexPath), { timeout: 15_000 }).toEqual(expected)
    await expect.poll(hub.ids).toEqual(expected)
    expect(readdirSync(join(home.path, 'servers.d'))).toEqual([`${stays.id}.json`])
    await expect.poll(observer.ids).toEqual(expected)
    expect(observer.replay().removed.filter(({ id }) => id === stays.id)).toEqual([])
  })
})

/** Asks the hub over and over, one request after the other, until a promise has settled. */
async function answersUntil(
  over: Promise<unknown>,
  hub: TestHub,
): Promise<{ status: number; ids: (string | undefined)[] }[]> {
  let isOver = false
  void over.finally(() => {
    isOver = true
  })
  const answers: { status: number; ids: (string | undefined)[] }[] = []
  while (!isOver) {
    const response = await hub.snapshot()
    const { servers = [] } = (await response.json()) as { servers?: { id: string }[] }
    answers.push({ status: response.status, ids: servers.map(({ id }) => id) })
  }
  return answers
}
