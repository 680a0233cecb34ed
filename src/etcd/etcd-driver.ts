/**
 * Keeps entries in etcd, for servers and hubs of several machines (`PROTOCOL.md`, "The registry in etcd").
 */
import { compareByStart, type Entry, type ManagedEntry, type OnWarning } from '../core/index.js'
import {
  type Driver,
  type DriverView,
  hasExitedNow,
  type RemovedEntry,
  type ViewListener,
  warnOnce,
} from '../registry/drivers/index.js'
import { createEtcdClient, type EtcdClient } from './client/etcd-client.js'
import type { Certificates } from './client/transport.js'
import { createEntryFormat } from './entry-format.js'
import { createKeeper, type Keeper } from './keeper.js'
import { keysBelow } from './keys.js'
import { refusal } from './refusal.js'
import { removeAtExit } from './remove-at-exit.js'
import type { Seal } from './seal.js'
import { createStore, type Store } from './store.js'
import { type Layout, removing } from './transactions.js'

export interface EtcdDriverOptions {
  readonly endpoints: readonly string[]
  readonly prefix: string
  /** As entries say where they come from. */
  readonly source: string
  readonly credentials: { readonly user: string; readonly password: string } | undefined
  readonly certificates: Certificates
  /** With what the tokens of servers are sealed; without it none is written. */
  readonly seal: Seal | undefined
  /** Seconds. */
  readonly ttl: number
  readonly onWarning: OnWarning
}

/** How long a member may take for an answer, at most; a third of the lease's time where that is less. */
const maxAnswerMs = 3000

export class EtcdDriver implements Driver {
  readonly source: string
  readonly #layout: Layout
  readonly #client: EtcdClient
  readonly #onWarning: OnWarning
  /** The same store, asked again and again on behalf of somebody who waits, or once. */
  readonly #patient: Store
  readonly #brisk: Store
  readonly #keeper: Keeper

  constructor({ prefix, ttl, source, seal, onWarning, ...options }: EtcdDriverOptions) {
    this.source = source
    this.#onWarning = warnOnce(onWarning)
    const format = createEntryFormat({ source, prefix, seal, onWarning: this.#onWarning })
    this.#layout = { keys: keysBelow(prefix), format }
    this.#client = createEtcdClient({ ...options, answerMs: Math.min(maxAnswerMs, ttl * 330) })
    const { call, callPatiently } = this.#client
    this.#patient = createStore(callPatiently, this.#layout, this.#onWarning)
    this.#brisk = createStore(call, this.#layout, this.#onWarning)
    this.#keeper = createKeeper({
      patient: { call: callPatiently, store: this.#patient },
      brisk: { call, store: this.#brisk },
      ttl,
      prefix,
      onWarning: this.#onWarning,
    })
  }

  put(entry: ManagedEntry): Promise<void> {
    return this.#orRefuse(
      'WSYARD_ERR_REGISTRY_UNWRITABLE',
      `Cannot register "${entry.id}"`,
      this.#keeper.put(entry),
    )
  }

  release(entry: ManagedEntry): void {
    this.#keeper.release(entry)
  }

  remove(id: string, instance?: string): Promise<boolean> {
    const own = instance === undefined ? undefined : this.#keeper.find(instance)
    const removing = own === undefined ? this.#removeAny(id, instance) : this.#keeper.remove(own)
    return this.#orRefuse('WSYARD_ERR_REGISTRY_UNWRITABLE', `Cannot deregister "${id}"`, removing)
  }

  removeAtExit(entries: Iterable<ManagedEntry>): void {
    try {
      const own = Array.from(entries).filter(({ instance }) => this.#keeper.find(instance) !== undefined)
      removeAtExit(
        own.map((entry) => removing(this.#layout, entry)),
        this.#client.access(),
      )
    } catch {
      // Nobody is left to tell; they go with their lease.
    }
  }

  async list(): Promise<Entry[]> {
    const entries = await this.#listed()
    return entries.filter((entry) => !hasExitedNow(entry)).sort(compareByStart)
  }

  async prune(): Promise<Entry[]> {
    const exited = (await this.#listed()).filter(hasExitedNow)
    const removed = exited.map((entry) => this.#removeExited(entry, this.#patient))
    const areGone = await this.#orRefuse(
      'WSYARD_ERR_REGISTRY_UNWRITABLE',
      'Cannot prune',
      Promise.all(removed),
    )
    return exited.filter((_, position) => areGone[position])
  }

  async removed(): Promise<RemovedEntry[]> {
    const exited = (await this.#listed()).filter(hasExitedNow)
    const left = exited.map((entry) => ({ entry, reason: 'exited', removedAt: undefined }) as const)
    return [
      ...left,
      ...(await this.#orRefuse('WSYARD_ERR_REGISTRY_UNREADABLE', cannotRead, this.#patient.removals())),
    ]
  }

  async view(listener: ViewListener): Promise<DriverView> {
    const { openView } = await import('./view.js') // a server registers and never watches
    return openView(
      {
        client: this.#client,
        store: this.#brisk,
        keys: this.#layout.keys,
        source: this.source,
        removeExited: (entry) => this.#removeExited(entry, this.#brisk),
      },
      listener,
    )
  }

  async close(): Promise<void> {
    await this.#keeper.close()
    this.#client.close()
  }

  async #listed(): Promise<ManagedEntry[]> {
    const { entries } = await this.#orRefuse(
      'WSYARD_ERR_REGISTRY_UNREADABLE',
      cannotRead,
      this.#patient.list(),
    )
    return [...entries.values()]
  }

  async #removeAny(id: string, instance: string | undefined): Promise<boolean> {
    for (;;) {
      const holder = await this.#patient.get(id)
      if (holder === undefined) return false
      if (instance !== undefined && holder.entry?.instance !== instance) return false
      if (await this.#patient.removeHolder(id, holder, 'deregistered')) return true
    }
  }

  async #removeExited({ id, instance }: ManagedEntry, store: Store): Promise<boolean> {
    for (;;) {
      const holder = await store.get(id)
      if (holder?.entry?.instance !== instance) return false
      if (await store.removeHolder(id, holder, 'exited')) return true
    }
  }

  /** What etcd says, as whoever asked for something hears of it. */
  async #orRefuse<T>(
    code: 'WSYARD_ERR_REGISTRY_UNREADABLE' | 'WSYARD_ERR_REGISTRY_UNWRITABLE',
    what: string,
    doing: Promise<T>,
  ): Promise<T> {
    try {
      return await doing
    } catch (error) {
      throw refusal(code, what, error, this.#layout.keys.prefix)
    }
  }
}

const cannotRead = 'Cannot read the registry in etcd'
