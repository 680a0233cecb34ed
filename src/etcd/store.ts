/**
 * The registry as etcd keeps it: reads it, and makes the changes of `transactions.ts`.
 */
import { type ManagedEntry, type OnWarning, type RemovalReason, WsyardError } from '../core/index.js'
import type { RemovedEntry } from '../registry/drivers/index.js'
import type { EtcdClient } from './client/etcd-client.js'
import { EtcdError } from './client/etcd-error.js'
import { fromBase64, type KeyValue, type Txn, toBase64, toRevision } from './client/wire.js'
import { readRemovedEntry } from './removal-values.js'
import {
  type Holder,
  type Layout,
  markingEpoch,
  placing,
  removing,
  removingHolder,
  replacing,
} from './transactions.js'

/** The whole of a registry at one revision. */
export interface Listed {
  readonly clusterId: string
  readonly epoch: string
  readonly revision: number
  /** By id, in the order in which they came. */
  readonly entries: ReadonlyMap<string, ManagedEntry>
}

export interface Store {
  /** Puts an entry under a lease. Resolves to what holds its id already, perhaps itself. */
  place(entry: ManagedEntry, lease: string): Promise<Holder | undefined>
  /** The same in the place of what holds the id; false when that has changed since. */
  replace(entry: ManagedEntry, lease: string, holder: Holder): Promise<boolean>
  /** Removes an entry that this process has put; false when it is not there any more. */
  remove(entry: ManagedEntry): Promise<boolean>
  /** Removes what holds an id; false when that has changed since. */
  removeHolder(id: string, holder: Holder, reason: RemovalReason): Promise<boolean>
  get(id: string): Promise<Holder | undefined>
  /** The ids that a lease holds. */
  idsOf(lease: string): Promise<string[]>
  list(): Promise<Listed>
  /** What has left lately, the latest first. */
  removals(): Promise<RemovedEntry[]>
  /** Names this content of the store, unless it has a name: an emptied one gets another. */
  markEpoch(epoch: string): Promise<void>
  epoch(): Promise<string>
  /** The entry that a key holds; undefined when it holds none. */
  read(kv: KeyValue): ManagedEntry | undefined
}

/** Entries in one answer: some megabytes at most. */
const pageSize = 1000

/** Of what has left, so much is told. */
const maxRemovals = 200

export function createStore(call: EtcdClient['call'], layout: Layout, onWarning: OnWarning): Store {
  const { keys, format } = layout
  const read = ({ key, value }: KeyValue): ManagedEntry | undefined => {
    const known = keys.read(key)
    if (known?.what !== 'entry') return undefined
    const entry = format.read(known.id, value)
    if (typeof entry !== 'string') return entry
    onWarning(corrupt(known.id, fromBase64(key), entry))
    return undefined
  }
  const holderIn = (kv: KeyValue): Holder => ({
    entry: read(kv),
    modRevision: kv.mod_revision,
    lease: kv.lease,
  })
  const txn = (request: Txn) => call('/v3/kv/txn', request)
  const isDone = async (request: Txn) => (await txn(request)).succeeded === true
  /** From a full etcd servers leave all the same: it takes no word on why. */
  const isRemoved = async (request: Txn) => {
    try {
      return await isDone(request)
    } catch (error) {
      if (!(error instanceof EtcdError) || !error.isFull) throw error
      return isDone({ ...request, success: request.success.filter((one) => !('request_put' in one)) })
    }
  }

  return {
    read,
    async place(entry, lease) {
      const { succeeded, responses } = await txn(placing(layout, entry, lease))
      if (succeeded === true) return undefined
      const holder = responses?.[0]?.response_range?.kvs?.[0]
      return holder && holderIn(holder)
    },
    replace: (entry, lease, holder) => isDone(replacing(layout, entry, lease, holder)),
    remove: (entry) => isRemoved(removing(layout, entry)),
    removeHolder: (id, holder, reason) => isRemoved(removingHolder(keys, id, holder, reason)),
    async get(id) {
      const { kvs } = await call('/v3/kv/range', { key: keys.entry(id) })
      return kvs?.[0] && holderIn(kvs[0])
    },
    async idsOf(lease) {
      const { keys: held = [] } = await call('/v3/lease/timetolive', { ID: lease, keys: true })
      return held.flatMap((key) => {
        const known = keys.read(key)
        return known?.what === 'entry' ? known.id : []
      })
    },
    async list() {
      const first = { ...keys.entries, limit: String(pageSize) }
      const { header, responses = [] } = await txn({
        success: [{ request_range: { key: keys.epoch } }, { request_range: first }],
      })
      const kvs: KeyValue[] = []
      let answer = responses[1]?.response_range
      for (;;) {
        kvs.push(...(answer?.kvs ?? []))
        const last = kvs.at(-1)
        if (answer?.more !== true || last === undefined) break
        const next = Buffer.concat([Buffer.from(last.key, 'base64'), Buffer.of(0)]).toString('base64')
        answer = await call('/v3/kv/range', { ...first, key: next, revision: header.revision ?? '0' })
      }
      kvs.sort((a, b) => toRevision(a.create_revision) - toRevision(b.create_revision))
      const entries = kvs.flatMap((kv) => read(kv) ?? [])
      return {
        clusterId: header.cluster_id,
        epoch: fromBase64(responses[0]?.response_range?.kvs?.[0]?.value),
        revision: toRevision(header.revision),
        entries: new Map(entries.map((entry) => [entry.id, entry])),
      }
    },
    async removals() {
      const { kvs = [] } = await call('/v3/kv/range', {
        ...keys.removals,
        limit: String(maxRemovals),
        sort_order: 'DESCEND',
      })
      return kvs.flatMap(({ value }) => readRemovedEntry(value) ?? [])
    },
    async markEpoch(epoch) {
      await txn(markingEpoch(keys, toBase64(epoch)))
    },
    async epoch() {
      const { kvs } = await call('/v3/kv/range', { key: keys.epoch })
      return fromBase64(kvs?.[0]?.value)
    },
  }
}

function corrupt(id: string, key: string, problem: string): WsyardError {
  const message = `Skipped the key "${key}" of etcd: ${problem}. Its server, if it lives, writes it anew within seconds; else remove it by deregistering "${id}".`
  return new WsyardError('WSYARD_ERR_ENTRY_CORRUPT', message, { id })
}
