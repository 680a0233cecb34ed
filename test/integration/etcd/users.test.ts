/** A registry in an etcd that wants to know who asks, and in one that cannot be asked by its JSON API. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openRegistry, type Registry } from '../../../src/registry/index.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { openLink } from '../../support/link.js'
import { watched } from '../../support/watched.js'

const opened: Registry[] = []
afterEach(() => Promise.all(opened.splice(0).map((registry) => registry.close())))

function open(registry: string): Registry {
  const one = openRegistry({ registry })
  opened.push(one)
  return one
}

describe.skipIf(!hasEtcd())('a registry in an etcd with users', () => {
  let cluster: EtcdCluster
  beforeAll(async () => {
    cluster = await startEtcd({ args: ['--auth-token', 'simple', '--auth-token-ttl', '2'] })
    const encode = (text: string): string => Buffer.from(text).toString('base64')
    const perm = { permType: 'READWRITE', key: encode('team/'), range_end: encode('team0') }
    for (const [path, body] of [
      ['user/add', { name: 'root', password: 'r' }],
      ['user/grant', { user: 'root', role: 'root' }],
      ['role/add', { name: 'team' }],
      ['role/grant', { name: 'team', perm }],
      ['user/add', { name: 'ann', password: 'p@ss' }],
      ['user/grant', { user: 'ann', role: 'team' }],
      ['enable', {}],
    ] as const) {
      await cluster.call(`/v3/auth/${path}`, body)
    }
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  it('serves a user within their prefix, on and on after their token has run out', async () => {
    await using link = await openLink(cluster.member().url)
    const whose = { prefix: 'team/a', credentials: 'ann:p%40ss' }
    const writer = open(cluster.registryUrl(whose))
    const watcher = watched(open(cluster.registryUrl({ ...whose, hosts: [link.host] })))
    const first = await writer.register({ port: 4000, id: 'first' })
    await expect.poll(() => watcher.ids()).toEqual(['first'])
    const idleFrom = performance.now()
    await expect.poll(() => performance.now() - idleFrom).toBeGreaterThan(4500) // etcd looks each second
    await first.close()
    await writer.register({ port: 4001, id: 'second' })
    await expect.poll(() => watcher.ids()).toEqual(['second'])
    link.cut()
    await expect.poll(() => watcher.problems).toHaveLength(1)
    const cutAt = performance.now()
    await expect.poll(() => performance.now() - cutAt).toBeGreaterThan(4500)
    await writer.register({ port: 4002, id: 'third' })
    link.mend()
    await expect.poll(() => watcher.ids()).toEqual(['second', 'third'])
    expect(watcher.problems).toMatchObject([expect.any(Error), undefined])
  })

  it.each([
    [
      'a wrong password',
      'ann:wrong',
      'team/a',
      /authentication failed.*\. Correct the user and the password/,
    ],
    ['an unknown user', 'bob:p', 'team/a', /authentication failed.*\. Correct the user and the password/],
    ['no user', undefined, 'team/a', /user name is empty.*etcd:\/\/user:password@host/],
    [
      'the prefix of others',
      'ann:p%40ss',
      'team2',
      /permission denied\. Let the user .* begin with "team2\/"/,
    ],
  ])('refuses %s, saying what to do', async (_, credentials, prefix, said) => {
    const url = cluster.registryUrl({ prefix, ...(credentials !== undefined && { credentials }) })
    const registry = open(url)
    const watcher = watched(registry)
    await expect(registry.register({ port: 4000 })).rejects.toMatchObject({
      code: 'WSYARD_ERR_REGISTRY_UNWRITABLE',
      message: expect.stringMatching(said),
    })
    const unreadable = { code: 'WSYARD_ERR_REGISTRY_UNREADABLE', message: expect.stringMatching(said) }
    await expect(registry.list()).rejects.toMatchObject(unreadable)
    await expect.poll(() => watcher.problems).toMatchObject([unreadable])
    for (const { message } of watcher.problems as Error[]) expect(message).not.toContain('p@ss')
  })
})

describe.skipIf(!hasEtcd())('a registry in another etcd than the URL is meant for', () => {
  it('says that it has no users', async () => {
    await using cluster = await startEtcd()
    const registry = open(cluster.registryUrl({ credentials: 'ann:p' }))
    const message = expect.stringMatching(
      /authentication is not enabled\. .*leave them out if this etcd has no users/,
    )
    await expect(registry.register({ port: 4000 })).rejects.toMatchObject({ message })
  })

  it('says by which option its JSON API has been taken away', async () => {
    await using cluster = await startEtcd({ args: ['--enable-grpc-gateway=false'] })
    const registry = open(cluster.registryUrl())
    const message = expect.stringMatching(/has no JSON API at \/v3, .*--enable-grpc-gateway=false\.$/)
    await expect(registry.register({ port: 4000 })).rejects.toMatchObject({ message })
    await expect(registry.list()).rejects.toMatchObject({ message })
  })
})
