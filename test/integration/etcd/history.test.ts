/** What a watch makes of a store whose history it cannot go on with: compacted, or emptied and begun anew. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openRegistry, type Registry } from '../../../src/registry/index.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { openLink } from '../../support/link.js'
import { watched } from '../../support/watched.js'

describe.skipIf(!hasEtcd())('a watch of a registry in etcd', () => {
  let cluster: EtcdCluster
  const opened: Registry[] = []
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())
  afterEach(() => Promise.all(opened.splice(0).map((registry) => registry.close())))

  const open = (registry: string): Registry => {
    const one = openRegistry({ registry })
    opened.push(one)
    return one
  }
  const revision = async (): Promise<number> => {
    const { header } = (await cluster.call('/v3/kv/range', { key: 'AA==' })) as {
      header: { revision: string }
    }
    return Number(header.revision)
  }

  it('tells in one change what has changed while it was cut off, also after a compaction', async () => {
    await using link = await openLink(cluster.member().url)
    const prefix = 'compacted'
    const writer = open(cluster.registryUrl({ prefix }))
    const gone = await writer.register({ port: 4000, id: 'gone' })
    const again = await writer.register({ port: 4001, id: 'again' })
    await writer.register({ port: 4002, id: 'stays' })
    const watcher = watched(open(cluster.registryUrl({ prefix, hosts: [link.host] })))
    await expect.poll(() => watcher.ids()).toEqual(['again', 'gone', 'stays'])
    link.cut()
    await expect.poll(() => watcher.problems).toHaveLength(1)
    await gone.close()
    await again.close()
    await writer.register({ port: 4003, id: 'again' })
    for (let round = 0; round < 3; round += 1)
      await (await writer.register({ port: 4004, id: 'brief' })).close()
    await writer.register({ port: 4005, id: 'come' })
    await cluster.call('/v3/kv/compaction', { revision: String(await revision()), physical: true })
    link.mend()
    await expect.poll(() => watcher.ids()).toEqual(['again', 'come', 'stays'])
    expect(watcher.problems).toMatchObject([expect.any(Error), undefined])
    expect(watcher.events.map(({ type }) => type)).toEqual(['snapshot', 'change'])
    expect(watcher.steps().sort()).toEqual([
      'added again',
      'added come',
      'removed again replaced',
      'removed gone deregistered',
    ])
    await writer.register({ port: 4006, id: 'later' })
    await expect.poll(() => watcher.steps().at(-1)).toBe('added later')
  })

  it('tells each change by itself that came while it was cut off for a moment', async () => {
    await using link = await openLink(cluster.member().url)
    const prefix = 'moment'
    const writer = open(cluster.registryUrl({ prefix }))
    await writer.register({ port: 3999, id: 'first' })
    const watcher = watched(open(cluster.registryUrl({ prefix, hosts: [link.host] })))
    await expect.poll(() => watcher.ids()).toEqual(['first'])
    link.cut()
    for (const port of [4000, 4001]) await (await writer.register({ port, id: 'brief' })).close()
    link.mend()
    await writer.register({ port: 4002, id: 'last' })
    await expect
      .poll(() => watcher.steps())
      .toEqual([
        'added brief',
        'removed brief deregistered',
        'added brief',
        'removed brief deregistered',
        'added last',
      ])
  })

  it('loses who was in a store that has been emptied, and gets back who lives', async () => {
    const prefix = 'emptied'
    const registry = open(cluster.registryUrl({ prefix, query: 'ttl=2' }))
    const { entry } = await registry.register({ port: 4000, id: 'lives' })
    const elsewhere = { ...entry, id: 'elsewhere', machine: 'other.other', instance: 'f'.repeat(32) }
    const key = Buffer.from(`${prefix}/servers/elsewhere`).toString('base64')
    const value = Buffer.from(JSON.stringify(elsewhere)).toString('base64')
    await cluster.call('/v3/kv/put', { key, value })
    const watcher = watched(open(cluster.registryUrl({ prefix })))
    await expect.poll(() => watcher.ids()).toEqual(['elsewhere', 'lives'])
    const before = await revision()

    await cluster.member().end()
    cluster.member().wipe()
    await cluster.member().start()
    const startedAt = performance.now()
    // Others have brought it as far again, so that by its revision it looks like the store before.
    for (let next = 0; next < before; next = await revision())
      await cluster.call('/v3/kv/put', { key: 'eA==' })
    await expect.poll(() => watcher.ids()).toEqual(['lives'])
    expect(performance.now() - startedAt).toBeLessThan(15_000) // TTL / 3 + 2 s where nothing else goes on
    expect(watcher.entries()).toEqual([entry])
    expect(watcher.steps()).toContain('removed elsewhere deregistered')
    await registry.register({ port: 4001, id: 'later' })
    await expect.poll(() => watcher.steps().at(-1)).toBe('added later')
  })

  it('notices an emptied store also if it has watched from before the first server on', async () => {
    await using link = await openLink(cluster.member().url)
    const prefix = 'from-the-first'
    const watcher = watched(open(cluster.registryUrl({ prefix, hosts: [link.host] })))
    await expect.poll(() => watcher.events.length).toBe(1)
    const first = openRegistry({ registry: cluster.registryUrl({ prefix }) })
    const registration = await first.register({ port: 4000, id: 'first' })
    registration.release()
    await first.close()
    await expect.poll(() => watcher.ids()).toEqual(['first'])
    const before = await revision()

    link.cut()
    await cluster.member().end()
    cluster.member().wipe()
    await cluster.member().start()
    for (let next = 0; next <= before; next = await revision())
      await cluster.call('/v3/kv/put', { key: 'eA==' })
    link.mend()
    await expect.poll(() => watcher.ids()).toEqual([])
  })
})
