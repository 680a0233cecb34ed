/**
 * How a page's connection to a server stands, and why, and how it has ended.
 */
import type { Refusal } from '../core/index.js'
import type { ServerTransport } from './server-url.js'

/** `unresponsive`: something has the server's port and does not answer. */
export type ConnectionState = 'connecting' | 'connected' | 'disconnected' | 'unresponsive'

/** Why a connection is not there, as far as the page finds out by itself. Each has a heading in `docs/reference/errors.md`. */
export const pageReasons = [
  'SERVER_GONE',
  'SERVER_UNREACHABLE',
  'SERVER_SILENT',
  'CONNECTION_CLOSED',
  'CONNECTION_LOST',
  'PAGE_REFUSED',
  'BROWSER_BLOCKS',
  'TOO_MANY_SOCKETS',
  'HUB_UNREACHABLE',
] as const

export type PageReason = (typeof pageReasons)[number]

/** Why a connection is not there, by the page's own findings or the hub's words. `describeReason` has them for a person. */
export type ReasonCode = PageReason | Refusal['code']

/** Why a connection is not there. */
export interface ConnectionReason {
  /** For programs; `describeReason` has words for a person. */
  readonly code: ReasonCode
  /** What the other side said: the server with its closing, or the hub with its refusal. */
  readonly message?: string
  /** Set when so much has failed in a row that nothing is tried for this many milliseconds, unless the server restarts. */
  readonly restMs?: number
}

/** How a connection stands. */
export interface Standing {
  /** Whether there is one. */
  readonly connection: ConnectionState
  /** Why it is not connected, where there is something to say. */
  readonly reason?: ConnectionReason
  /** Which way the connection goes, while there is one. */
  readonly transport?: ServerTransport
}

export const disconnected: Standing = { connection: 'disconnected' }

/** How a connection has ended. */
export type Closing = Pick<CloseEvent, 'code' | 'reason' | 'wasClean'>

/** What a browser says of a connection that nobody closed. */
export const abnormalClose: Closing = { code: 1006, reason: '', wasClean: false }
