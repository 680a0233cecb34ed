/** What can be done in an etcd that takes nothing in any more, since its disk has as much as it may have. */
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openRegistry, type Registry, type WsyardError } from '../../../src/registry/index.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { watched } from '../../support/watched.js'

describe.skipIf(!hasEtcd())('a registry in a full etcd', () => {
  let cluster: EtcdCluster
  let alarm: unknown
  const opened: Registry[] = []
  const warnings: WsyardError[] = []
  beforeAll(async () => {
    cluster = await startEtcd({ args: ['--quota-backend-bytes', '2097152'] })
  })
  afterAll(() => cluster[Symbol.asyncDispose]())
  afterEach(() => Promise.all(opened.splice(0).map((registry) => registry.close())))

  const open = (registry: string): Registry => {
    const one = openRegistry({ registry, onWarning: (warning) => warnings.push(warning) })
    opened.push(one)
    return one
  }
  const fill = async (): Promise<void> => {
    const value = randomBytes(200_000).toString('base64')
    const key = Buffer.from('filler').toString('base64')
    for (;;) if ('error' in (await cluster.call('/v3/kv/put', { key, value }))) break
    const { alarms } = (await cluster.call('/v3/maintenance/alarm', { action: 'GET' })) as {
      alarms: unknown[]
    }
    alarm = alarms[0]
  }

  it('keeps who is there, lets them leave, refuses who comes saying what to do, and takes them after', async () => {
    const url = cluster.registryUrl({ query: 'ttl=2' })
    const [registry, watcher] = [open(url), watched(open(url))]
    const [staying, leaving] = [
      await registry.register({ port: 4000, id: 'staying' }),
      await registry.register({ port: 4001, id: 'leaving' }),
    ]
    await expect.poll(() => watcher.ids()).toEqual(['leaving', 'staying'])
    await fill()
    const refused = {
      code: 'WSYARD_ERR_REGISTRY_UNWRITABLE',
      message: expect.stringMatching(
        /database space exceeded\. This etcd is full: .*etcdctl defrag.*alarm disarm"\.$/,
      ),
    }
    const fullAt = performance.now()
    await expect(registry.register({ port: 4002, id: 'coming' })).rejects.toMatchObject(refused)
    await expect(open(url).register({ port: 4002, id: 'coming' })).rejects.toMatchObject(refused)
    await leaving.close()
    await expect.poll(() => watcher.ids()).toEqual(['staying'])
    expect(warnings).toEqual([])
    await expect.poll(() => performance.now() - fullAt).toBeGreaterThan(2500) // longer than its lease
    expect(await registry.list()).toEqual([staying.entry])

    await cluster.call('/v3/kv/deleterange', { key: Buffer.from('filler').toString('base64') })
    const { header } = (await cluster.call('/v3/maintenance/status', {})) as { header: { revision: string } }
    await cluster.call('/v3/kv/compaction', { revision: header.revision, physical: true })
    await cluster.call('/v3/maintenance/defragment', {})
    await cluster.call('/v3/maintenance/alarm', { ...(alarm as object), action: 'DEACTIVATE' })
    await registry.register({ port: 4002, id: 'coming' })
    await expect.poll(() => watcher.ids()).toEqual(['coming', 'staying'])
    expect(watcher.steps().filter((step) => step.startsWith('removed'))).toHaveLength(1)
  })
})
