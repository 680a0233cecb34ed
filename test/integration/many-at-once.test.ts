import { expect, it } from 'vitest'
import { startHub } from '../support/hub.js'
import { indexIds } from '../support/index-file.js'
import { isLong } from '../support/length.js'
import { createTestHome, startEchoServer } from '../support/processes.js'

const count = isLong ? 50 : 25

it.each(isLong ? [1, 2, 3] : [1])(
  `keeps all of ${count} servers that are started at once (round %i)`,
  { timeout: 120_000 },
  async () => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const servers = await Promise.all(
      Array.from({ length: count }, async () => home.own(await startEchoServer(home.path))),
    )
    const ids = servers.map(({ id }) => id).sort()
    await expect.poll(() => indexIds(home.indexPath)).toEqual(ids)
    await expect.poll(hub.ids).toEqual(ids)
    expect(new Set(servers.map(({ port }) => port)).size).toBe(count)

    await Promise.all(servers.map((server) => server.stop('SIGTERM')))
    await expect.poll(() => indexIds(home.indexPath)).toEqual([])
    await expect.poll(hub.ids).toEqual([])
  },
)
