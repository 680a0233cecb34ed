/**
 * What a link is made of: what it has in common with all others of its client, what is its own, and whom it tells.
 */
import type { DialQueue } from './dial-queue.js'
import type { Link } from './link.js'
import type { ServerList, Shape } from './server-list.js'
import type { DialFrom, ServerTransport } from './server-url.js'
import type { Closing } from './standing.js'

/** What all links of a client have in common. */
export interface Dialer extends DialFrom {
  readonly list: ServerList<Shape>
  /** Those that are to look whenever the servers may have changed. */
  readonly links: Set<Link>
  /** Where a handshake gets its place. */
  readonly queues: Readonly<Record<ServerTransport, DialQueue>>
}

export interface LinkTarget {
  readonly dialer: Dialer
  readonly idOrName: string
  /** What is asked of the server: a path, or only a query. @default the entry's own path */
  readonly path?: string
  readonly protocols?: readonly string[]
  /** Whether another connection follows one that has ended. @default true */
  readonly reconnect?: boolean
  /** Of each socket that is dialled. */
  readonly binaryType: BinaryType
}

export interface LinkEvents {
  /** It stands differently. */
  onStanding: () => void
  onMessage: (event: MessageEvent) => void
  onOpen?: () => void
  /** A connection has ended, or the link: then, it is `CLOSED`. */
  onClose?: (closing: Closing, isError: boolean) => void
}
