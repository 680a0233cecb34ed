import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ManagedEntry } from '../core/index.js'
import { here } from '../registry/drivers/index.js'
import { createKeeper } from './keeper.js'
import type { Asking } from './lease.js'
import type { Store } from './store.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ttl = 3

const entry = (id: string): ManagedEntry => ({
  id,
  port: 8080,
  pid: 2,
  startedAt: '2026-11-26T09:00:00.000Z',
  instance: id.repeat(32),
  state: 'up',
})

/** Of a process that has exited. */
const orphan = (id: string): ManagedEntry => ({ ...entry(id), pid: 2_147_483_647, machine: here().machine })

/** An etcd that does what it is asked, but puts an entry only once it is told to where that is held up. */
function createStage() {
  /** The lease of each entry, by id. */
  const leases = new Map<string, string>()
  const entries = new Map<string, ManagedEntry>()
  let grants = 0
  let renewals = 0
  let hold = Promise.resolve()
  const store: Partial<Store> = {
    async place(entry, lease) {
      await hold
      leases.set(entry.id, lease)
      entries.set(entry.id, entry)
      return undefined
    },
    remove: async ({ id }) => leases.delete(id),
    async get(id) {
      const lease = leases.get(id)
      return lease === undefined ? undefined : { entry: entries.get(id), modRevision: '1', lease }
    },
    async replace({ id }, lease) {
      if (!leases.has(id)) return false
      leases.set(id, lease)
      return true
    },
    removeHolder: async (id) => leases.delete(id),
    idsOf: async (lease) => Array.from(leases.keys()).filter((id) => leases.get(id) === lease),
    markEpoch: async () => {},
  }
  const call = async (path: string): Promise<unknown> => {
    if (path === '/v3/lease/keepalive') renewals += 1
    if (path !== '/v3/lease/grant') return { result: { TTL: String(ttl) } }
    grants += 1
    return { ID: `lease-${grants}` }
  }
  const asking = { call, store } as unknown as Asking
  const keeper = createKeeper({ patient: asking, brisk: asking, ttl, prefix: 'wsyard/', onWarning: () => {} })
  return {
    keeper,
    leases,
    renewals: () => renewals,
    /** Returns what lets it go on. */
    holdUp(): () => void {
      let release: () => void = () => {}
      hold = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
  }
}

it('renews the lease of an entry that was being put when the only other one had just left', async () => {
  const { keeper, leases, holdUp } = createStage()
  await keeper.put(entry('a'))
  await keeper.remove(entry('a'))
  const goOn = holdUp()
  const putting = keeper.put(entry('b'))
  await vi.advanceTimersByTimeAsync((ttl * 1000) / 3) // a look, which finds nothing to look after
  goOn()
  await putting
  await keeper.put(entry('c'))
  expect(leases.get('b')).toBe(leases.get('c'))
  await keeper.close()
})

it('renews the lease of an entry that takes longer to be put than the lease holds', async () => {
  const { keeper, leases, renewals, holdUp } = createStage()
  const goOn = holdUp()
  const putting = keeper.put(entry('a'))
  await vi.advanceTimersByTimeAsync(ttl * 1000)
  expect(renewals()).toBeGreaterThanOrEqual(3)
  goOn()
  await putting
  expect([...leases.keys()]).toEqual(['a'])
  await keeper.close()
})

it('puts back what its lease does not hold any more, and removes what it holds and nobody wants', async () => {
  const { keeper, leases } = createStage()
  await keeper.put(entry('a'))
  const [lease = ''] = leases.values()
  leases.delete('a')
  leases.set('b', lease)
  await vi.advanceTimersByTimeAsync((ttl * 1000) / 3)
  expect([...leases]).toEqual([['a', lease]])
  await keeper.close()
})

it('leaves what is left to its process under a lease of its own', async () => {
  const { keeper, leases } = createStage()
  await keeper.put(entry('a'))
  await keeper.put(entry('b'))
  keeper.release(entry('a'))
  await keeper.close()
  expect(leases.get('a')).not.toBe(leases.get('b'))
})

it('does not bring back by that what has been taken out meanwhile', async () => {
  const { keeper, leases } = createStage()
  await keeper.put(entry('a'))
  keeper.release(entry('a'))
  leases.delete('a')
  await keeper.close()
  expect([...leases]).toEqual([])
})

it('leaves to nobody, and puts back for nobody, what is of a process that has exited', async () => {
  const { keeper, leases } = createStage()
  await keeper.put(orphan('a'))
  await keeper.put(orphan('b'))
  const [lease] = leases.values()
  keeper.release(orphan('a'))
  leases.delete('b')
  await vi.advanceTimersByTimeAsync((ttl * 1000) / 3)
  expect(leases.has('b')).toBe(false)
  expect([undefined, lease]).toContain(leases.get('a'))
  await keeper.close()
})
