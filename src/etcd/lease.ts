/**
 * The lease under which this process puts its entries: asked for when it is first needed, and again when it has run out. And the ones of those
 * that it leaves to others.
 */
import { randomBytes } from 'node:crypto'
import type { ManagedEntry } from '../core/index.js'
import { hasExitedNow } from '../registry/drivers/index.js'
import type { EtcdClient } from './client/etcd-client.js'
import type { Store } from './store.js'

/** How etcd is asked, patiently or not. */
export interface Asking {
  readonly call: EtcdClient['call']
  readonly store: Store
}

export interface Lease {
  /** The one that there is. */
  id(): string | undefined
  /** The same, or a new one. */
  current(by: Asking): Promise<string>
  /** Makes it hold for its whole time from now; or there is none any more. */
  renew(by: Asking): Promise<void>
  /** Takes another one from now on, if this is still the one. */
  forget(id: string | undefined): void
}

/** @param ttl seconds for which it holds */
export function createLease(ttl: number): Lease {
  let known: string | undefined
  let granting: Promise<string> | undefined

  const grant = async ({ call, store }: Asking): Promise<string> => {
    const { ID } = await call('/v3/lease/grant', { TTL: String(ttl) })
    await store.markEpoch(randomBytes(8).toString('hex'))
    known = ID
    return ID
  }
  return {
    id: () => known,
    async current(by) {
      if (known !== undefined) return known
      granting ??= grant(by).finally(() => {
        granting = undefined
      })
      return granting
    },
    async renew({ call }) {
      const renewed = known
      if (renewed === undefined) return
      const { result } = await call('/v3/lease/keepalive', { ID: renewed })
      if (result.TTL === undefined && known === renewed) known = undefined
    },
    forget(id) {
      if (known === id) known = undefined
    },
  }
}

/** Of those that were left to their processes, when no hub of their machine sees them exit, seconds. */
const releasedTtl = 86_400

/** Gives an entry a lease of its own, which nobody renews: if it is still there, and its process too. It never comes again by that. */
export async function leaveBehind(entry: ManagedEntry, { call, store }: Asking): Promise<void> {
  if (hasExitedNow(entry)) return
  const { ID } = await call('/v3/lease/grant', { TTL: String(releasedTtl) })
  for (;;) {
    const holder = await store.get(entry.id)
    if (holder?.entry?.instance !== entry.instance) return
    if (await store.replace(entry, ID, holder)) return
  }
}
