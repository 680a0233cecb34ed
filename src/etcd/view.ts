/**
 * What a hub sees of a registry in etcd, always current. Of the servers of its own machine it also sees when their processes have exited,
 * which is long before their leases run out, and takes them out for all.
 */
import { setTimeout } from 'node:timers/promises'
import type { Entry, ManagedEntry, RemovalReason, WsyardError } from '../core/index.js'
import {
  type DriverView,
  hasExitedNow,
  isOfThisMachine,
  isPidTaken,
  turnover,
  type ViewListener,
} from '../registry/drivers/index.js'
import type { EtcdClient } from './client/etcd-client.js'
import type { WatchedEvent } from './client/wire.js'
import { follow } from './follow.js'
import type { Keys } from './keys.js'
import { refusal } from './refusal.js'
import { readRemoval } from './removal-values.js'
import type { Store } from './store.js'

export interface ViewOptions {
  readonly client: EtcdClient
  readonly store: Store
  readonly keys: Keys
  /** As its entries say where they come from. */
  readonly source: string
  /** Removes an entry for good whose process has exited. */
  readonly removeExited: (entry: ManagedEntry) => Promise<unknown>
}

/** How often to look whether a process has exited. All pids are asked, if any process of this computer has come or gone. */
const pidsMs = 100

/** How long after one could not be removed that is tried again. */
const againMs = 1000

/** Resolves when the listener has heard of what there is, or of what is in the way. */
export function openView(options: ViewOptions, listener: ViewListener): Promise<DriverView> {
  const { keys, store, removeExited } = options
  const closing = new AbortController()
  /** Those of this machine, by id. */
  const local = new Map<string, ManagedEntry>()
  /** Those that are being removed. */
  const leaving = new Set<ManagedEntry>()
  let turn: string | undefined

  const note = (id: string, entry: ManagedEntry | undefined): void => {
    if (entry !== undefined && isOfThisMachine(entry)) local.set(id, entry)
    else local.delete(id)
  }

  const check = (entry: ManagedEntry): void => {
    if (leaving.has(entry) || !hasExitedNow(entry)) return
    leaving.add(entry)
    removeExited(entry)
      .catch(tryAgainLater)
      .finally(() => leaving.delete(entry))
  }
  const tryAgainLater = async (): Promise<void> => {
    await setTimeout(againMs, undefined, { ref: false })
    turn = undefined
  }
  const sweep = (): void => {
    const now = turnover()
    if (now !== undefined && now === turn && leaving.size === 0) return
    turn = now
    for (const entry of local.values()) if (!isPidTaken(entry.pid)) check(entry)
  }

  return new Promise((resolve) => {
    const timer = setInterval(sweep, pidsMs)
    const view: DriverView = {
      check(id) {
        const entry = local.get(id)
        if (entry !== undefined) check(entry)
      },
      close() {
        clearInterval(timer)
        closing.abort()
      },
    }
    void follow(
      options,
      {
        onList({ entries }) {
          local.clear()
          for (const [id, entry] of entries) note(id, entry)
          // What has gone in the meantime has been removed, or has lost its lease: nobody knows any more.
          listener.onEntries(entries, () => 'deregistered')
        },
        onRevision(events) {
          const { changed, reasonFor } = readRevision(events, keys, store)
          for (const [id, entry] of changed) note(id, entry)
          if (changed.size > 0) listener.onChanges(changed, reasonFor)
        },
        onProblem(error) {
          listener.onProblem(error === undefined ? undefined : asProblem(error, options))
          resolve(view)
        },
      },
      closing.signal,
    )
  })
}

interface ReadRevision {
  readonly changed: ReadonlyMap<string, ManagedEntry | undefined>
  reasonFor(gone: Entry): RemovalReason
}

/** What has changed in one revision. An entry that goes without a word has lost its lease. */
function readRevision(events: readonly WatchedEvent[], keys: Keys, { read }: Store): ReadRevision {
  const changed = new Map<string, ManagedEntry | undefined>()
  const reasons = new Map<string, RemovalReason>()
  for (const { type, kv } of events) {
    const known = keys.read(kv.key)
    const entry = type === 'DELETE' ? undefined : read(kv)
    // What is none is passed over: what was known of a live server stands until it mends it.
    if (known?.what === 'entry' && (type === 'DELETE' || entry !== undefined)) changed.set(known.id, entry)
    const removal = known?.what === 'removal' && type !== 'DELETE' ? readRemoval(kv.value) : undefined
    if (removal !== undefined) reasons.set(removal.instance, removal.reason)
  }
  return { changed, reasonFor: ({ instance = '' }) => reasons.get(instance) ?? 'expired' }
}

function asProblem(error: unknown, { keys, source }: ViewOptions): WsyardError {
  const what = 'Cannot follow the registry in etcd'
  const after = 'It is tried again, and what was last known stands.'
  return refusal('WSYARD_ERR_REGISTRY_UNREADABLE', what, error, keys.prefix, after, { source })
}
