/**
 * What a link is, and what it is made of: what it has in common with all others of its client, what is its own, and whom it tells.
 */
import type { SnapshotServer } from '../core/index.js'
import type { DialQueue } from './dial-queue.js'
import type { ServerList, Shape } from './server-list.js'
import type { DialFrom, ServerTransport } from './server-url.js'
import type { Closing, Standing } from './standing.js'

export interface Link {
  readonly standing: Standing
  /** That of a WebSocket, but `CONNECTING` for as long as there may come a connection. */
  readonly readyState: number
  /** The server that it is connected to, dials or has last dialled. */
  readonly server: SnapshotServer | undefined
  /** The socket that is dialled or open, or else the last one. */
  readonly socket: WebSocket | undefined
  /** Begins, and goes on with what the servers are now. */
  look(): void
  /** Ends it, as a WebSocket is closed. `onClose` follows. */
  close(...given: Parameters<WebSocket['close']>): void
  /** Ends it without a word. */
  leave(): void
}

/** What all links of a client have in common. */
export interface Dialer extends DialFrom {
  readonly list: ServerList<Shape>
  /** Those that are to look whenever the servers may have changed. */
  readonly links: Set<Link>
  /** Where a handshake gets its place. */
  readonly queues: Readonly<Record<ServerTransport, DialQueue>>
  /** Whether the client was closed: then every link ends as it begins. */
  isClosed: boolean
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
