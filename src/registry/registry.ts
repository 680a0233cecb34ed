/**
 * The registry as its users see it: the same interface whatever driver keeps the entries.
 */
import type { Auth, Change, Entry, ManagedEntry, Meta, OnWarning } from '../core/index.js'

/** What a server says of itself when it registers. */
export interface RegisterOptions {
  /** TCP port that the server listens on, 1 to 65535. */
  port: number
  /**
   * Address that the server listens on.
   * @default '127.0.0.1'
   */
  host?: string
  /** What people call the server; the same across restarts, and shared by replicas. Same rule as `id`. */
  name?: string
  /**
   * Unique for this run: a letter or digit, then up to 127 of letters, digits, `_`, `.`, `-`.
   * @default 'server-<milliseconds>-<random>'
   */
  id?: string
  /** Path of the WebSocket endpoint, starting with `/`. */
  path?: string
  /** Labels shown to every page, at most 4 KiB as JSON. Never a place for secrets. */
  meta?: Meta
  /**
   * How the server lets connections in.
   * @default 'open'
   */
  auth?: Auth
}

/** A server's place in the registry, kept for as long as its process lives or until it is closed. */
export interface Registration extends AsyncDisposable {
  readonly id: string
  readonly entry: ManagedEntry
  /**
   * Deregisters. Works twice, and when the entry is already gone; leaves an entry alone that another run has
   * since registered under the same id.
   */
  close(): Promise<void>
}

/** The whole registry at one revision: what a watcher is told first. */
export interface SnapshotEvent {
  readonly type: 'snapshot'
  /** Names one unbroken count of revisions. Revisions of different epochs cannot be compared. */
  readonly epoch: string
  readonly revision: number
  readonly entries: readonly Entry[]
}

/** What changed from one revision to the next. */
export interface ChangeEvent {
  readonly type: 'change'
  readonly epoch: string
  /** The previous event's revision plus one. */
  readonly revision: number
  readonly changes: readonly Change[]
}

export type WatchEvent = SnapshotEvent | ChangeEvent

export interface WatchOptions {
  /**
   * Hears that the registry cannot be read, and `undefined` when it can be again. Until then the last view stands.
   * Without it such errors go to the registry's `onWarning`.
   */
  onProblem?: (problem: Error | undefined) => void
}

/** The set of entries. */
export interface Registry extends AsyncDisposable {
  /**
   * Makes a server known, and keeps it known: an entry that something removes is put back within seconds, and it
   * is gone before the process is, whether that ends by `close()`, by a signal or by an exception.
   *
   * @throws {WsyardError} `WSYARD_ERR_ENTRY_INVALID` for a field that breaks its rule, `WSYARD_ERR_ID_TAKEN` when a
   *   live server has the id, `WSYARD_ERR_REGISTRY_UNWRITABLE` when it cannot be written down.
   */
  register(options: RegisterOptions): Promise<Registration>
  /** Removes an entry, managed or foreign. Resolves to false when there was none. */
  deregister(id: string): Promise<boolean>
  /**
   * The live entries, oldest first.
   *
   * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNREADABLE`.
   */
  list(): Promise<Entry[]>
  /**
   * Follows the registry: first one `snapshot`, then every change once, in order, each as a `change` whose revision
   * is one more than the last. Events come one at a time and never from within this call.
   *
   * @returns its undo.
   */
  watch(onEvent: (event: WatchEvent) => void, options?: WatchOptions): () => void
  /** Ends every watch and deregisters what this object registered. Works twice. */
  close(): Promise<void>
}

export interface RegistryOptions {
  /** Hears of what went wrong without anything being lost. Silent by default. */
  onWarning?: OnWarning
}
