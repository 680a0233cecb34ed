/** What others have written below the prefix of a registry in etcd: it costs what it stands in the place of, and no more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRegistry, type WsyardError } from '../../../src/registry/index.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { watched } from '../../support/watched.js'

describe.skipIf(!hasEtcd())('a registry in etcd that others write into', () => {
  let cluster: EtcdCluster
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  const put = (key: string, value: string | Buffer): Promise<unknown> =>
    cluster.call('/v3/kv/put', {
      key: Buffer.from(key, 'latin1').toString('base64'),
      value: Buffer.from(value).toString('base64'),
    })

  it('skips what is no entry with one warning each, and hurts nobody else', async () => {
    const prefix = 'foreign'
    const url = cluster.registryUrl({ prefix, query: 'ttl=2' })
    const warnings: WsyardError[] = []
    await using registry = openRegistry({ registry: url, onWarning: (warning) => warnings.push(warning) })
    const { entry } = await registry.register({ port: 4000, id: 'good' })
    const foreign: [string, string | Buffer][] = [
      ['no-json', 'no JSON {'],
      ['no-entry', '[1]'],
      ['other-id', JSON.stringify(entry)],
      ['large', `"${'x'.repeat(1_000_000)}"`],
      ['with/slashes', JSON.stringify({ ...entry, id: 'with/slashes' })],
      ['bytes', Buffer.from([0xff, 0xfe, 0])],
      ['', '{}'],
      ['\xff\xfe', '{}'],
    ]
    for (const [key, value] of foreign) await put(`${prefix}/servers/${key}`, value)
    for (const key of ['servers.removed/x', 'servers.other', 'else'])
      await put(`${prefix}/${key}`, 'no JSON {')
    const watcher = watched(registry)
    await expect.poll(() => watcher.ids()).toEqual(['good'])
    expect(await registry.list()).toEqual([entry])
    expect(await registry.removed()).toEqual([])
    expect(await registry.prune()).toEqual([])
    // And once more, while it is watched.
    for (const [key, value] of foreign) await put(`${prefix}/servers/${key}`, value)
    const next = await registry.register({ port: 4001, id: 'next' })
    await expect.poll(() => watcher.steps()).toEqual(['added next'])
    expect(new Set(warnings.map(({ code }) => code))).toEqual(new Set(['WSYARD_ERR_ENTRY_CORRUPT']))
    expect(warnings).toHaveLength(foreign.length)
    expect(watcher.problems).toEqual([])
    await next.close()

    const taken = await registry.register({ port: 4002, id: 'no-json' })
    expect((await registry.list()).map(({ id }) => id)).toEqual(['good', 'no-json'])
    await taken.close()
  })

  it('has an entry back soon that somebody has written over or removed, and shows it all the while', async () => {
    const prefix = 'overwritten'
    const url = cluster.registryUrl({ prefix, query: 'ttl=2' })
    await using registry = openRegistry({ registry: url })
    await using other = openRegistry({ registry: url })
    const { entry } = await registry.register({ port: 4000, id: 'a' })
    const watcher = watched(other)
    await expect.poll(() => watcher.ids()).toEqual(['a'])
    const began = performance.now()
    await put(`${prefix}/servers/a`, 'no JSON {')
    await expect.poll(() => registry.list()).toEqual([entry])
    expect(performance.now() - began).toBeLessThan(10_000) // TTL / 3 where nothing else goes on
    expect(watcher.steps()).toEqual([])
    const key = Buffer.from(`${prefix}/servers/a`).toString('base64')
    await cluster.call('/v3/kv/deleterange', { key })
    await expect.poll(() => watcher.steps()).toEqual(['removed a expired', 'added a'])
    expect(watcher.entries()).toEqual([entry])
  })

  it('reads on past a key of any bytes, however many there are', async () => {
    const prefix = 'bytes'
    for (let position = 0; position < 1000; position += 100) {
      const success = Array.from({ length: 100 }, (_, offset) => ({
        request_put: {
          key: Buffer.concat([
            Buffer.from(`${prefix}/servers/`),
            Buffer.from([0xff, Math.floor((position + offset) / 256), (position + offset) % 256]),
          ]).toString('base64'),
        },
      }))
      await cluster.call('/v3/kv/txn', { success })
    }
    const after = Buffer.concat([Buffer.from(`${prefix}/servers/`), Buffer.from([0xff, 0xff])])
    await cluster.call('/v3/kv/put', { key: after.toString('base64') })
    await using registry = openRegistry({ registry: cluster.registryUrl({ prefix }) })
    expect(await registry.list()).toEqual([])
  })
})
