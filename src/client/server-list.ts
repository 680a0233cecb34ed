/**
 * The servers as the page sees them: what the hub says of each, and how the page's connection to it stands.
 */
import {
  applyEvent,
  type ChangeEvent,
  closeness,
  findServer,
  isSame,
  type Meta,
  type RemovalReason,
  type SnapshotMessage,
  type SnapshotServer,
} from '../core/index.js'
import type { Standing } from './standing.js'

/** What an application knows of its own servers. Nothing checks that they keep to it. */
export interface Shape {
  meta?: object
}

/** A server, and how the connection to it that `connectAll` keeps stands. A changed one is a new object. */
export type ClientServer<S extends Shape = Shape> = Omit<SnapshotServer, 'meta'> &
  (S extends { meta: infer Known } ? { readonly meta: Known } : { readonly meta?: Meta }) &
  Standing

/** What tells of a change of the list. */
export interface ServerListEvents<S extends Shape> {
  (name: 'added' | 'updated', server: ClientServer<S>): void
  (name: 'removed', server: ClientServer<S>, reason: RemovalReason | undefined): void
}

/** What the hub says of its list. */
export type HubNews =
  | Pick<SnapshotMessage, 'type' | 'entries' | 'scope'>
  | Pick<ChangeEvent<SnapshotServer>, 'type' | 'changes'>

export interface ServerList<S extends Shape> {
  /** A new array whenever anything in it has changed. */
  readonly servers: readonly ClientServer<S>[]
  /** The same as the hub has them. */
  readonly entries: ReadonlyMap<string, SnapshotServer>
  /** Whether there has been a list yet. */
  readonly isKnown: boolean
  get(id: string): ClientServer<S> | undefined
  /**
   * What the hub says of the server that an id or a name means, in the page's project or else in the hub's. Once a name was that of a
   * server of the project, it is that of none that is farther from it: while its own restarts, a page has nothing to say to another's. All of
   * a registry that several machines share are farther than those of the hub's own.
   */
  find(idOrName: string): SnapshotServer | undefined
  /** How close a server is to that project, as `closeness` has it, and closer if it is not of a registry that several machines share. */
  closenessOf(server: SnapshotServer | undefined): number
  /** Takes what the hub says: the whole of what it has, or what is new in it. */
  take(news: HubNews): void
  /** Forgets what the hub said: from then on no server is found. */
  close(): void
  /** The connection to this server may stand differently now. */
  look(id: string): void
}

/**
 * @param standingOf how the connection to a server stands
 * @param scope the root of the page's project, if it has said so
 */
export function createServerList<S extends Shape>(
  emit: ServerListEvents<S>,
  standingOf: (id: string) => Standing,
  scope: string | undefined,
): ServerList<S> {
  const entries = new Map<string, SnapshotServer>()
  const servers = new Map<string, ClientServer<S>>()
  let isKnown = false
  let hubScope: string | undefined
  let array: readonly ClientServer<S>[] | undefined
  /** How close to the project names have been found. */
  const closest = new Map<string, number>()

  const closenessOf = (server: SnapshotServer | undefined): number =>
    closeness(server?.scope, scope ?? hubScope) + (server && !server.source ? 3 : 0)
  const put = (entry: SnapshotServer): void => {
    const { id } = entry
    const before = servers.get(id)
    const server = { ...entry, ...standingOf(id) } as unknown as ClientServer<S>
    if (isSame(server, before)) return
    servers.set(id, server)
    array = undefined
    emit(before ? 'updated' : 'added', server)
  }
  const remove = (id: string, reason: RemovalReason | undefined): void => {
    const server = servers.get(id)
    if (!server) return
    servers.delete(id)
    array = undefined
    emit('removed', server, reason)
  }
  return {
    get servers() {
      array ??= [...servers.values()]
      return array
    },
    entries,
    get isKnown() {
      return isKnown
    },
    get: (id) => servers.get(id),
    find(idOrName) {
      const found = findServer(entries, idOrName, scope ?? hubScope)
      const now = closenessOf(found)
      if (now < (closest.get(idOrName) ?? 0)) return undefined
      if (found?.name === idOrName) closest.set(idOrName, now)
      return found
    },
    closenessOf,
    close: () => entries.clear(),
    look(id) {
      const entry = entries.get(id)
      if (entry) put(entry)
    },
    take(news) {
      if (news.type === 'snapshot') {
        isKnown = true
        hubScope = news.scope ?? hubScope
      }
      applyEvent(entries, news, (change) =>
        change.type === 'removed' ? remove(change.entry.id, change.reason) : put(change.entry),
      )
    },
  }
}
