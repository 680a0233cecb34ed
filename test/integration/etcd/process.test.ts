/** How long a process lives that uses a registry in etcd. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRegistry } from '../../../src/registry/index.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { createTestHome, type RunningProcess, startProcess, type TestHome } from '../../support/processes.js'

describe.skipIf(!hasEtcd())('a process that uses a registry in etcd', () => {
  let cluster: EtcdCluster
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  const start = (home: TestHome, url: string, ...args: string[]): RunningProcess =>
    home.own(
      startProcess(process.execPath, ['test/support/etcd-server.js', ...args], {
        env: { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: url },
      }),
    )

  it('ends although it has registered something', async () => {
    await using home = createTestHome()
    const process = start(home, cluster.registryUrl(), 'end', 'a', '4000')
    expect(await process.ended).toBe(0)
    expect(process.output()).toMatch(/^registered \w+\n$/)
  })

  it('lives on while it watches, through an outage too', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const process = start(home, url, 'watch')
    await process.printed(/told snapshot/)
    await cluster.member().end()
    await process.printed(/warning WSYARD_ERR_REGISTRY_UNREADABLE/)
    await cluster.member().start()
    await using registry = openRegistry({ registry: url })
    await registry.register({ port: 4000 })
    await process.printed(/told change/)
    expect(process.output().match(/warning/g)).toHaveLength(1)
  })
})
