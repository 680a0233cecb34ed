/** What a registry in an etcd of three members notices of what happens to one of them: nothing, or a short wait. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { openRegistry, type Registry, type WsyardError } from '../../../src/registry/index.js'
import { type EtcdCluster, type EtcdMember, hasEtcd, leaderOf, startEtcd } from '../../support/etcd.js'
import { watched } from '../../support/watched.js'

describe.skipIf(!hasEtcd())('a registry in an etcd of three members', () => {
  let cluster: EtcdCluster
  const opened: Registry[] = []
  const warnings: WsyardError[] = []
  beforeAll(async () => {
    cluster = await startEtcd({ members: 3 })
  })
  afterAll(() => cluster[Symbol.asyncDispose]())
  afterEach(async () => {
    vi.restoreAllMocks()
    warnings.length = 0
    await Promise.all(opened.splice(0).map((registry) => registry.close()))
  })

  const open = (registry: string): Registry => {
    const one = openRegistry({ registry, onWarning: (warning) => warnings.push(warning) })
    opened.push(one)
    return one
  }
  /** The members, with this one first. */
  const startingAt = (first: EtcdMember): string[] =>
    [first, ...cluster.members.filter((member) => member !== first)].map(({ url }) => new URL(url).host)
  const followerOf = (leader: EtcdMember): EtcdMember =>
    cluster.members.find((member) => member !== leader) ?? leader

  it.each(['leader', 'follower'])('goes on at another one when the %s that it asks hangs', async (role) => {
    const leader = await leaderOf(cluster)
    const hanging = role === 'leader' ? leader : followerOf(leader)
    vi.spyOn(Math, 'random').mockReturnValue(0) // all begin at the first
    const url = cluster.registryUrl({ hosts: startingAt(hanging) })
    const [keeping, watcher] = [open(url), watched(open(url))]
    await keeping.register({ port: 4000, id: 'before' })
    await expect.poll(() => watcher.ids()).toEqual(['before'])
    vi.restoreAllMocks()
    hanging.signal('SIGSTOP')
    try {
      const began = performance.now()
      await keeping.register({ port: 4000, id: 'meanwhile' })
      await expect.poll(() => watcher.ids()).toEqual(['before', 'meanwhile'])
      expect(performance.now() - began).toBeLessThan(20_000) // within 7 s where nothing else goes on
      expect(watcher.steps().filter((step) => step.endsWith('meanwhile'))).toHaveLength(1)
    } finally {
      hanging.signal('SIGCONT')
    }
  })

  it('tells every change once and in order while its leader changes and is killed', async () => {
    const url = cluster.registryUrl()
    const watchers = [watched(open(url)), watched(open(url))]
    for (const { events } of watchers) await expect.poll(() => events.length).toBe(1)
    const writer = open(url)
    const done: string[] = []
    let isWriting = true
    const write = async (): Promise<void> => {
      while (isWriting) {
        const id = `run-${done.length / 2}`
        const registration = await writer.register({ port: 4000, id })
        done.push(`added ${id}`)
        await registration.close()
        done.push(`removed ${id} deregistered`)
      }
    }
    const writing = write()
    /** Until so much more has been written. */
    const more = async (): Promise<unknown> => {
      const enough = done.length + 20
      return expect.poll(() => done.length).toBeGreaterThan(enough)
    }
    await more()
    const first = await leaderOf(cluster)
    const { header } = (await followerOf(first).call('/v3/maintenance/status', {})) as {
      header: { member_id: string }
    }
    await first.call('/v3/maintenance/transfer-leadership', { targetID: header.member_id })
    await more()
    const second = await leaderOf(cluster)
    expect(second).not.toBe(first)
    await second.end('SIGKILL')
    await more()
    await second.start()
    await more()
    isWriting = false
    await writing
    await writer.register({ port: 4000, id: 'last' })
    done.push('added last')
    for (const { ids, steps } of watchers) {
      await expect.poll(() => ids()).toEqual(['last'])
      if (warnings.length === 0) expect(steps()).toEqual(done)
      // What was closed while nobody led was removed a little later, which is warned of.
      expect(steps().toSorted()).toEqual(done.toSorted())
      const added = (step: string): boolean => step.startsWith('added')
      expect(steps().filter(added)).toEqual(done.filter(added))
    }
  })
})
