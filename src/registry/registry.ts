/**
 * The registry as its users see it: the same interface whatever driver keeps the entries.
 */
import type {
  Auth,
  Entry,
  ManagedEntry,
  Meta,
  OnWarning,
  Owner,
  RemovalReason,
  Revision,
  Scope,
  WatchEvent,
} from '../core/index.js'
import type { ListeningServer } from './listening-server.js'

/** What a server says of itself when it registers. */
export interface RegisterOptions extends ServerDetails {
  /** TCP port that the server listens on, 1 to 65535. */
  port: number
  /**
   * Address that the server listens on.
   * @default '127.0.0.1'
   */
  host?: string
  /**
   * The process that listens, if that is another one of this machine. Its entry goes with it, and with this registration, until that is
   * released.
   * @default this process
   */
  pid?: number
}

/** What a server says of itself besides where it listens. */
export interface ServerDetails {
  /** What people call the server; the same across restarts, and shared by replicas. Same rule as `id`. */
  name?: string
  /**
   * Unique for this run: a letter or digit, then up to 127 of letters, digits, `_`, `.`, `-`.
   * @default 'server-<milliseconds>-<random>'
   */
  id?: string
  /** Path of the WebSocket endpoint, starting with `/`. */
  path?: string
  /**
   * The process on whose behalf the server runs, by its pid, as `process.ppid` for one that an agent has started, or as it was found
   * earlier. When it has gone the server is shown as `orphaned`, and goes on.
   * @default nobody's
   */
  owner?: number | Owner
  /**
   * Where the server belongs, by which servers of one name are told apart.
   * @default the working directory of the process, with the git worktree and branch that it lies in
   */
  scope?: Scope
  /** Labels shown to every page, at most 4 KiB as JSON. Never a place for secrets. */
  meta?: Meta
  /**
   * How the server lets connections in.
   * @default 'open'
   */
  auth?: Auth
  /**
   * What a server with `auth: 'token'` asks for, 32 bytes in base64url. It is written into the entry's own file, which
   * only programs of the same user can read, and given back in `registration.entry.token`.
   * @default a new one
   */
  token?: string
  /**
   * Literal address at which other machines dial the server, with the port if that is another one from outside, as `10.0.0.5` or
   * `10.0.0.5:18080`.
   * @default of a server that listens on more than loopback, the environment's `WSYARD_ADVERTISE`, or the address that it listens on, or the
   * only one that this machine has
   */
  advertise?: string
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
  /**
   * Leaves the entry to the process that it names: from now on nobody puts it back that has been removed, and it stays when the registry is
   * closed or this process ends, and goes when that process has.
   */
  release(): void
}

export interface WatchOptions {
  /**
   * The last event that an earlier watch was told of: this one goes on after it, without a snapshot. A revision that is
   * of another epoch, too long ago (4,096 changes) or yet to come gets a snapshot. An epoch ends when nobody in this
   * process watches any more.
   */
  from?: Revision
  /**
   * Hears that the registry cannot be read, and `undefined` when it can be again. Until then the last view stands, and
   * where there has been none yet, no event comes. Without it such errors go to the registry's `onWarning`.
   */
  onProblem?: (problem: Error | undefined) => void
}

export interface ListOptions {
  /**
   * Asks every managed server of this machine whether it answers, waits so long for that, in milliseconds, and lists those
   * that have not by then as `unresponsive`, as it does servers that are stopped.
   * @default nobody is asked, and all are `up`
   */
  patienceMs?: number
}

/** A server that has left the registry. */
export interface RemovedEntry {
  /** What was known of it, but for its `meta`. */
  readonly entry: Entry
  readonly reason: RemovalReason
  /** When that was, ISO 8601; undefined of one whose process has exited, and nobody has cleared away after it yet. */
  readonly removedAt: string | undefined
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
  /**
   * The same for the port of a server that listens already: a port on 127.0.0.1, or any `http.Server`, `net.Server` or
   * `WebSocketServer`, which is deregistered when it closes.
   *
   * @example
   * const http = createServer().listen(0, '127.0.0.1')
   * await once(http, 'listening')
   * await registry.register(http, { name: 'worker-a' })
   */
  register(server: number | ListeningServer, details?: ServerDetails): Promise<Registration>
  /**
   * Removes an entry, managed or foreign, and ends its registration if this object made it. A live server of another
   * process puts itself back within seconds. Resolves to false when there was none.
   */
  deregister(id: string): Promise<boolean>
  /**
   * The live entries, oldest first; those whose owners have gone are `orphaned`.
   *
   * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNREADABLE`.
   */
  list(options?: ListOptions): Promise<Entry[]>
  /**
   * Takes out the entries whose processes have exited, as a hub does by itself, and resolves to them. Foreign ones go only when their port
   * refuses as well.
   */
  prune(): Promise<Entry[]>
  /** Those that have left lately, the latest first: some hundreds at most. For people who ask, as nothing promises that all are there. */
  removed(): Promise<RemovedEntry[]>
  /**
   * Follows the registry: first one `snapshot`, then every change once, in order, each as a `change` whose revision
   * is one more than the last. Events come one at a time and never from within this call. An entry that goes has a
   * reason: `deregistered`, `exited` (its process ended without deregistering), `replaced` (by another run under its id)
   * or `expired` (its lease ran out).
   *
   * @returns its undo.
   */
  watch(onEvent: (event: WatchEvent) => void, options?: WatchOptions): () => void
  /**
   * Looks at once whether a server has exited, for whoever watches and has lost its connection to it; without this it
   * takes a tenth of a second. Says nothing by itself: what is found comes as an event.
   */
  check(id: string): void
  /** Ends every watch and deregisters what this object registered. Works twice. */
  close(): Promise<void>
}

export interface RegistryOptions {
  /** Hears of what went wrong without anything being lost. Silent by default. */
  onWarning?: OnWarning
}
