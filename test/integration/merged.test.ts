/** The registry of this machine and one that several share, as one: what is seen of both, and what remains of it without the etcd. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createClient } from '../../src/client/index.js'
import type { Refusal, SnapshotServer } from '../../src/core/index.js'
import { openRegistry, type Registry, type WsyardError } from '../../src/registry/index.js'
import { createServer } from '../../src/server/index.js'
import { describeRegistry } from '../contract/registry.contract.js'
import { startCommand } from '../support/command.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../support/etcd.js'
import { createTestHome, type TestHome } from '../support/processes.js'
import { createPushClient } from '../support/push-client.js'
import { watched } from '../support/watched.js'

describe.skipIf(!hasEtcd())("this machine's registry and etcd as one", () => {
  let cluster: EtcdCluster
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())
  afterEach(() => vi.unstubAllGlobals())

  /** Closed with the home. */
  const open = (
    home: TestHome,
    registry: string | readonly string[],
    warnings: WsyardError[] = [],
  ): Registry => {
    const one = openRegistry({ home: home.path, registry, onWarning: (warning) => warnings.push(warning) })
    home.onCleanUp(() => one.close())
    return one
  }

  it('have one entry for a server, with the token that this machine alone has', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const both = open(home, ['file:', url])
    await using server = await createServer({ name: 'worker', registry: both })
    const [own, ...others] = await both.list()
    expect(others).toEqual([])
    expect(own).toMatchObject({ id: server.id, auth: 'token', token: expect.anything() })
    expect(own).not.toHaveProperty('source')
    const [shared] = await open(home, url).list()
    expect(shared).toMatchObject({
      id: server.id,
      instance: own?.instance,
      source: expect.stringMatching(/^etcd:/),
    })
    expect(shared).not.toHaveProperty('token')
    const watcher = watched(open(home, ['file:', url]))
    await expect.poll(() => watcher.entries()).toMatchObject([{ id: server.id, token: expect.anything() }])
  })

  it('never show the shared copy of a server that leaves, not for a moment', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const [both, watcher] = [open(home, ['file:', url]), watched(open(home, ['file:', url]))]
    await expect.poll(() => watcher.events).toHaveLength(1)
    const ids = Array.from({ length: 10 }, (_, number) => `server-${number}`)
    for (const id of ids) {
      const registration = await both.register({ port: 4000, id })
      await expect.poll(() => watcher.steps(), { interval: 5 }).toContain(`added ${id}`)
      await registration.close()
    }
    const expected = ids.flatMap((id) => [`added ${id}`, `removed ${id} deregistered`])
    await expect.poll(() => watcher.steps()).toEqual(expected)
    await both.register({ port: 4000, id: 'last' })
    await expect.poll(() => watcher.steps()).toEqual([...expected, 'added last'])
  })

  it('register at once without the etcd, say so, and are in it when it has come', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const warnings: WsyardError[] = []
    await cluster.member().end()
    const [both, watcher] = [open(home, ['file:', url], warnings), watched(open(home, ['file:', url]))]
    const began = performance.now()
    await both.register({ port: 4000, id: 'local' })
    const tookMs = performance.now() - began
    console.log(`Registering without the etcd took ${Math.round(tookMs)} ms.`)
    expect(tookMs).toBeLessThan(4000) // about one second where nothing else goes on
    await expect.poll(() => watcher.ids()).toEqual(['local'])
    expect(watcher.problems.at(-1)).toMatchObject({ code: 'WSYARD_ERR_REGISTRY_UNREADABLE' })
    await expect
      .poll(() => warnings)
      .toContainEqual(expect.objectContaining({ code: 'WSYARD_ERR_REGISTRY_UNWRITABLE' }))
    expect((await both.list()).map(({ id }) => id)).toEqual(['local'])
    await cluster.member().start()
    const shared = watched(open(home, url))
    await expect.poll(() => shared.ids()).toEqual(['local'])
    await expect.poll(() => watcher.problems.at(-1)).toBeUndefined()
    expect(watcher.steps().filter((step) => step !== 'added local')).toEqual([])
  })

  it('go on without the etcd in a hub and its pages, with what was last known of others and all that is local', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const far = {
      port: 4000,
      pid: 1,
      startedAt: '2026-11-26T09:00:00Z',
      instance: '0'.repeat(32),
      machine: 'far.0',
    }
    await cluster.call('/v3/kv/put', {
      key: toBase64(`${new URL(url).pathname.slice(1)}/servers/far`),
      value: toBase64(JSON.stringify({ id: 'far', host: '10.0.0.7', ...far })),
    })
    const both = open(home, ['file:', url])
    await both.register({ port: 4001, id: 'near' })
    const hub = startCommand(home, ['hub', '--json', '--port', '0', '--auth', 'origin'], {
      env: { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: `file: ${url}` },
    })
    const [, origin = ''] = await hub.printed(/"url":"(http:[^"]+)\/"/)
    const snapshot = async () => {
      const response = await fetch(`${origin}/api/registry`)
      const { servers, problem } = (await response.json()) as { servers: SnapshotServer[]; problem?: Refusal }
      return { status: response.status, ids: servers.map(({ id }) => id).sort(), problem }
    }
    const push = createPushClient(() => `${origin.replace('http', 'ws')}/api/registry`)
    await push.connect()
    const problems = () => push.messages.filter(({ type }) => type === 'problem')
    vi.stubGlobal('WebSocket', WebSocket)
    using page = createClient({ hub: origin })
    const shown = () => page.servers.map(({ id }) => id).sort()
    await expect.poll(shown).toEqual(['far', 'near'])
    expect(await snapshot()).toEqual({ status: 200, ids: ['far', 'near'], problem: undefined })

    await cluster.member().end()
    await expect.poll(problems).toMatchObject([{ error: { code: 'WSYARD_ERR_REGISTRY_UNREADABLE' } }])
    const left = await both.register({ port: 4002, id: 'while-lost' })
    await expect.poll(shown).toEqual(['far', 'near', 'while-lost'])
    expect(await snapshot()).toMatchObject({
      status: 200,
      ids: ['far', 'near', 'while-lost'],
      problem: {
        code: 'WSYARD_ERR_REGISTRY_UNREADABLE',
        message: expect.stringContaining('Is etcd running'),
      },
    })
    expect(page.status).toBe('lost')
    expect(page.error?.message).toContain('Is etcd running')
    await left.close()
    await expect.poll(shown).toEqual(['far', 'near'])

    await cluster.member().start()
    await expect.poll(problems).toMatchObject([{}, { error: null }])
    await expect.poll(() => page.status).toBe('live')
    expect(await snapshot()).toEqual({ status: 200, ids: ['far', 'near'], problem: undefined })
    expect(push.complaints).toEqual([])
    await push.drop()
  })

  describeRegistry('file and etcd', () => {
    const home = createTestHome()
    const registry = ['file:', cluster.registryUrl()]
    return {
      registry: open(home, registry),
      other: open(home, registry),
      [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
    }
  })
})

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64')
}
