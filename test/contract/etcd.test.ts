import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { openRegistry } from '../../src/registry/index.js'
import { type EtcdCluster, hasEtcd, leaderOf, startEtcd } from '../support/etcd.js'
import { describeRegistry, type RegistryUnderTest } from './registry.contract.js'

const isThere = hasEtcd()
if (!isThere) console.error('Skipped, as there is no etcd: install the package etcd-server.')

describe.skipIf(!isThere)('with an etcd of one member', () => {
  let cluster: EtcdCluster
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  describeRegistry('etcd', () => openTwice(cluster))
})

describe.skipIf(!isThere)('with an etcd of three members that are killed in turn', () => {
  let cluster: EtcdCluster
  let restarting: Promise<void> = Promise.resolve()
  let tests = 0
  beforeAll(async () => {
    cluster = await startEtcd({ members: 3 })
  })
  afterAll(async () => {
    await restarting
    await cluster[Symbol.asyncDispose]()
  })

  beforeEach(async () => {
    tests += 1
    if (tests % 4 !== 0) return
    await restarting
    const member = cluster.member((tests / 4) % 3)
    await member.end('SIGKILL')
    await leaderOf(cluster) // without one nothing is done for a second, and some tests wait no longer
    restarting = member.start()
  })

  describeRegistry('etcd', () => openTwice(cluster))
})

function openTwice(cluster: EtcdCluster): RegistryUnderTest {
  const registry = cluster.registryUrl()
  const [one, other] = [openRegistry({ registry }), openRegistry({ registry })]
  return {
    registry: one,
    other,
    async [Symbol.asyncDispose]() {
      await one.close()
      await other.close()
    },
  }
}
