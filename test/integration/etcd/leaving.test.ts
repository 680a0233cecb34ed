/** What stays of a registration in etcd once it has been closed, whatever was in the way then. */
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { KeyValue } from '../../../src/etcd/client/wire.js'
import { openRegistry, type Registry, type WsyardError } from '../../../src/registry/index.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { openLink } from '../../support/link.js'
import { watched } from '../../support/watched.js'

describe.skipIf(!hasEtcd())('a registration in etcd that is closed', () => {
  let cluster: EtcdCluster
  const opened: Registry[] = []
  const warnings: WsyardError[] = []
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((registry) => registry.close()))
    warnings.length = 0
  })

  const open = (registry: string): Registry => {
    const one = openRegistry({ registry, onWarning: (warning) => warnings.push(warning) })
    opened.push(one)
    return one
  }

  const stored = async (key: string): Promise<KeyValue> => {
    const answer = await cluster.call('/v3/kv/range', { key: Buffer.from(key).toString('base64') })
    const [found] = (answer as { kvs?: KeyValue[] }).kvs ?? []
    if (found === undefined) throw new Error(`there is no ${key}`)
    return found
  }

  it('goes once etcd is there again, and others of its process stay', async () => {
    await using link = await openLink(cluster.member().url)
    const prefix = 'goes'
    const registry = open(cluster.registryUrl({ prefix, hosts: [link.host] }))
    const watcher = watched(open(cluster.registryUrl({ prefix })))
    await registry.register({ port: 4000, id: 'stays' })
    const leaving = await registry.register({ port: 4001, id: 'leaves' })
    await expect.poll(() => watcher.ids()).toEqual(['leaves', 'stays'])
    link.cut()
    await leaving.close()
    expect(warnings).toMatchObject([{ code: 'WSYARD_ERR_REGISTRY_UNWRITABLE' }])
    link.mend()
    await expect.poll(() => watcher.ids()).toEqual(['stays'])
    expect(watcher.steps().at(-1)).toBe('removed leaves deregistered')
  })

  it('leaves its id to the next one of its process at once, though etcd has not heard of it', async () => {
    await using link = await openLink(cluster.member().url)
    const prefix = 'id'
    const registry = open(cluster.registryUrl({ prefix, hosts: [link.host] }))
    const first = await registry.register({ port: 4000, id: 'a' })
    link.cut()
    await first.close()
    link.mend()
    const second = await registry.register({ port: 4001, id: 'a' })
    expect(await registry.list()).toEqual([second.entry])
    await second.close()
    expect(await registry.list()).toEqual([])
  })

  it('ends with the lease at the latest when nothing else holds that and etcd cannot be reached', async () => {
    await using link = await openLink(cluster.member().url)
    const prefix = 'lease'
    const registry = open(cluster.registryUrl({ prefix, query: 'ttl=2', hosts: [link.host] }))
    const watcher = watched(open(cluster.registryUrl({ prefix })))
    const only = await registry.register({ port: 4000, id: 'only' })
    await expect.poll(() => watcher.ids()).toEqual(['only'])
    link.cut()
    await only.close()
    await expect.poll(() => watcher.steps().at(-1)).toBe('removed only expired')
  })

  it('goes for good, also if a member does only now what it was asked to do before it hung', async () => {
    const prefix = 'late'
    const url = cluster.registryUrl({ prefix, query: 'ttl=2' })
    const [registry, watcher] = [open(url), watched(open(url))]
    await registry.register({ port: 4000, id: 'stays' })
    const brief = await registry.register({ port: 4001, id: 'brief' })
    await expect.poll(() => watcher.ids()).toEqual(['brief', 'stays'])
    const { key, value, lease } = await stored(`${prefix}/servers/brief`)
    await brief.close()
    await expect.poll(() => watcher.ids()).toEqual(['stays'])
    await cluster.call('/v3/kv/put', { key, value, lease }) // as half of those are that were sent to one that was stopped
    await expect
      .poll(() => watcher.steps().slice(-3))
      .toEqual(['removed brief deregistered', 'added brief', 'removed brief deregistered'])
    expect(watcher.ids()).toEqual(['stays'])
    expect(warnings).toEqual([])
  })

  it('takes its lease with it, so that the next one has a whole one', async () => {
    const prefix = 'whole'
    const registry = open(cluster.registryUrl({ prefix, query: 'ttl=3' }))
    await (await registry.register({ port: 4000, id: 'a' })).close()
    await setTimeout(3200) // its lease is looked at after one second, and would have hardly another one left by now
    await registry.register({ port: 4000, id: 'a' })
    const { lease } = await stored(`${prefix}/servers/a`)
    const { TTL } = (await cluster.call('/v3/lease/timetolive', { ID: lease })) as { TTL?: string }
    expect(Number(TTL ?? 0)).toBeGreaterThanOrEqual(1)
  })
})
