/** What becomes of a registry whose etcd is not there, at the beginning or for a while. */
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openRegistry, type Registry, type WsyardError } from '../../../src/registry/index.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { startHub } from '../../support/hub.js'
import { openLink } from '../../support/link.js'
import { createTestHome, startProcess } from '../../support/processes.js'
import { watched } from '../../support/watched.js'

describe.skipIf(!hasEtcd())('a registry without its etcd', () => {
  let cluster: EtcdCluster
  let warnings: WsyardError[]
  const opened: Registry[] = []
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())
  beforeEach(() => {
    warnings = []
  })
  afterEach(() => Promise.all(opened.splice(0).map((registry) => registry.close())))

  const open = (registry: string): Registry => {
    const one = openRegistry({ registry, onWarning: (warning) => warnings.push(warning) })
    opened.push(one)
    return one
  }

  it('refuses within seconds, naming where it was looked for, and a watch begins once it is there', async () => {
    const url = cluster.registryUrl({ query: 'ttl=2' })
    const { url: address, end, start } = cluster.member()
    await end()
    const [watcher, registry] = [watched(open(url)), open(url)]
    const began = performance.now()
    await Promise.all([
      expect(registry.register({ port: 4000, id: 'early' })).rejects.toMatchObject({
        code: 'WSYARD_ERR_REGISTRY_UNWRITABLE',
        message: expect.stringMatching(
          new RegExp(`^Cannot register "early": ${address}: .*ECONNREFUSED.*Is etcd`),
        ),
      }),
      expect(registry.list()).rejects.toMatchObject({
        code: 'WSYARD_ERR_REGISTRY_UNREADABLE',
        message: expect.stringContaining(address),
      }),
    ])
    expect(performance.now() - began).toBeLessThan(12_000) // within 7 s where nothing else goes on
    expect(watcher.problems).toMatchObject([
      { code: 'WSYARD_ERR_REGISTRY_UNREADABLE', message: expect.stringContaining(address) },
    ])
    await start()
    await registry.register({ port: 4000, id: 'late' })
    await expect.poll(() => watcher.ids()).toEqual(['late'])
    expect(watcher.problems.slice(1)).toEqual([undefined])
    expect(warnings).toEqual([])
  })

  it('lets a hub that begins then know no list, and not an empty one', async () => {
    await using link = await openLink(cluster.member().url)
    link.cut()
    const registry = open(cluster.registryUrl({ hosts: [link.host] }))
    await using home = createTestHome()
    const hub = await startHub(home, { registry })
    const refused = await hub.snapshot()
    expect({ status: refused.status, body: await refused.json() }).toMatchObject({
      status: 503,
      body: { error: { code: 'WSYARD_ERR_REGISTRY_UNREADABLE' } },
    })
    link.mend()
    await expect.poll(async () => (await hub.snapshot()).status).toBe(200)
    expect(await hub.ids()).toEqual([])
  })

  it('registers what was to be registered when it comes in time', async () => {
    await using link = await openLink(cluster.member().url)
    link.cut()
    const registry = open(cluster.registryUrl({ hosts: [link.host] }))
    const registering = registry.register({ port: 4000, id: 'patient' })
    await expect.poll(() => link.turnedAway(), { interval: 5 }).toBeGreaterThan(2)
    link.mend()
    await registering
    expect(await registry.list()).toMatchObject([{ id: 'patient' }])
    expect(warnings).toEqual([])
  })

  it('shows what was last known while it is down for longer than a lease, and has all of it after', async () => {
    const url = cluster.registryUrl({ query: 'ttl=2' })
    const [keeping, watcher] = [open(url), watched(open(url))]
    const entries = []
    for (const id of ['a', 'b']) entries.push((await keeping.register({ port: 4000, id })).entry)
    await expect.poll(() => watcher.ids()).toEqual(['a', 'b'])
    await cluster.member().end()
    await expect.poll(() => watcher.problems).toHaveLength(1)
    await expect.poll(() => warnings.length).toBeGreaterThan(0)
    await setTimeout(2500) // the time of the lease itself
    expect(watcher.ids()).toEqual(['a', 'b'])
    await cluster.member().start()
    await expect.poll(() => watcher.problems.at(-1)).toBeUndefined()
    await expect.poll(() => keeping.list()).toEqual(entries)
    await keeping.register({ port: 4000, id: 'last' })
    await expect.poll(() => watcher.steps().at(-1)).toBe('added last')
    expect(watcher.entries().map(({ instance }) => instance)).toEqual(
      (await keeping.list()).map(({ instance }) => instance),
    )
    // Had a lease run out before it was renewed, its entry has gone and come again.
    for (const id of ['a', 'b']) {
      const kinds = watcher.steps().filter((step) => step.split(' ')[1] === id)
      expect(kinds.every((kind, position) => kind.startsWith(['added', 'removed'][position % 2] ?? ''))).toBe(
        true,
      )
    }
    expect(watcher.problems).toHaveLength(2)
    const said = new Set(warnings.map(({ message }) => message))
    expect(said.size).toBe(warnings.length)
    expect(warnings.length).toBeLessThan(4)
    expect(warnings[0]).toMatchObject({
      code: 'WSYARD_ERR_REGISTRY_UNWRITABLE',
      message: expect.stringContaining('after 2 s without success others see them as gone'),
    })
  })

  it('goes on with one that hangs, once it answers again', async () => {
    const url = cluster.registryUrl()
    const [keeping, watcher] = [open(url), watched(open(url))]
    await keeping.register({ port: 4000, id: 'before' })
    await expect.poll(() => watcher.ids()).toEqual(['before'])
    const began = performance.now()
    cluster.member().signal('SIGSTOP')
    await expect.poll(() => watcher.problems).toHaveLength(1)
    expect(performance.now() - began).toBeLessThan(15_000) // within 10 s where nothing else goes on
    await expect(keeping.register({ port: 4000, id: 'meanwhile' })).rejects.toMatchObject({
      code: 'WSYARD_ERR_REGISTRY_UNWRITABLE',
      message: expect.stringContaining('no answer within 3 s'),
    })
    expect(watcher.ids()).toEqual(['before'])
    cluster.member().signal('SIGCONT')
    await expect.poll(() => watcher.problems.at(-1)).toBeUndefined()
    await keeping.register({ port: 4000, id: 'after' })
    await expect.poll(() => watcher.ids()).toEqual(['after', 'before'])
  })

  it('takes out after it what has exited during it, of its own machine', async () => {
    await using link = await openLink(cluster.member().url)
    const prefix = 'exits'
    const [keeping, other] = [
      open(cluster.registryUrl({ prefix })),
      open(cluster.registryUrl({ prefix, hosts: [link.host] })),
    ]
    const watcher = watched(other)
    const server = startProcess(process.execPath, ['-e', 'process.stdin.resume()'], { input: true })
    await keeping.register({ port: 4000, id: 'left', pid: server.pid }).then((one) => one.release())
    await expect.poll(() => watcher.ids()).toEqual(['left'])
    link.cut()
    await server.stop('SIGKILL')
    await expect.poll(() => watcher.problems).toHaveLength(1)
    link.mend()
    await expect.poll(() => watcher.steps().at(-1)).toBe('removed left exited')
  })
})
