/** What becomes of a server whose process stands still for longer than its lease holds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRegistry } from '../../../src/registry/index.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { createTestHome, type RunningProcess, startProcess, type TestHome } from '../../support/processes.js'
import { watched } from '../../support/watched.js'

describe.skipIf(!hasEtcd())('a server that stands still', () => {
  let cluster: EtcdCluster
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  const startServer = (home: TestHome, url: string, ...args: string[]): RunningProcess =>
    home.own(
      startProcess(process.execPath, ['test/support/etcd-server.js', ...args], {
        env: { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: url },
      }),
    )

  it('is shown as gone, and comes back as the same run once it goes on', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl({ query: 'ttl=2' })
    await using registry = openRegistry({ registry: url })
    const watcher = watched(registry)
    await expect.poll(() => watcher.events.length).toBe(1)
    const server = startServer(home, url, 'stay', 'a', '4000')
    const [, instance] = await server.printed(/registered (\w+)/)
    await expect.poll(() => watcher.ids()).toEqual(['a'])
    server.child.kill('SIGSTOP')
    await expect.poll(() => watcher.steps().at(-1)).toBe('removed a expired')
    server.child.kill('SIGCONT')
    const wokenAt = performance.now()
    await expect.poll(() => watcher.entries()).toMatchObject([{ id: 'a', instance }])
    expect(performance.now() - wokenAt).toBeLessThan(10_000) // within 2 s where nothing else goes on
    expect(watcher.steps().slice(-2)).toEqual(['removed a expired', 'added a'])
    expect(server.output()).not.toContain('warning')
  })

  it('leaves its id to whoever has taken it meanwhile, says so, and comes back after them', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl({ query: 'ttl=2' })
    await using registry = openRegistry({ registry: url })
    const watcher = watched(registry)
    await expect.poll(() => watcher.events.length).toBe(1)
    const server = startServer(home, url, 'stay', 'a', '4000')
    const [, instance] = await server.printed(/registered (\w+)/)
    await expect.poll(() => watcher.ids()).toEqual(['a'])
    server.child.kill('SIGSTOP')
    await expect.poll(() => watcher.steps().at(-1)).toBe('removed a expired')
    const other = await registry.register({ id: 'a', port: 4001 })
    server.child.kill('SIGCONT')
    await server.printed(/warning WSYARD_ERR_ID_TAKEN: .*port 4001/)
    expect(await registry.list()).toEqual([other.entry])
    await other.close()
    await expect.poll(() => watcher.entries()).toMatchObject([{ id: 'a', instance, port: 4000 }])
    expect(watcher.steps()).toEqual([
      'added a',
      'removed a expired',
      'added a',
      'removed a deregistered',
      'added a',
    ])
  })
})
