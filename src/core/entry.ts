/**
 * What the registry knows of one server, as types. Where each field is shown is in `entry-fields.ts`.
 */
import type { Scope } from './scope.js'
import type { Token } from './token.js'

/** Free-form labels of an entry, shown to every page: never a place for secrets. */
export type Meta = Record<string, unknown>

/** How a server lets connections in: everyone whose Host and Origin are right, or only holders of its token. */
export type Auth = 'open' | 'token'

/** `unresponsive`: alive, but silent to a probe. `orphaned`: alive, but the owner that it named has gone. */
export type EntryState = 'up' | 'unresponsive' | 'orphaned'

/** The process on whose behalf a server runs, on the same machine. */
export interface Owner {
  readonly pid: number
  /** When it started, in the form of `Entry.processStart`. */
  readonly processStart?: string
}

/** What the registry knows of one server. */
export interface Entry {
  /** Unique for one run of a server. */
  readonly id: string
  /** TCP port, 1 to 65535. */
  readonly port: number
  /** Process id on the server's own machine. */
  readonly pid: number
  /** When the server started, ISO 8601 as its writer put it: in UTC, or with an offset. Foreign entries may lack it. */
  readonly startedAt?: string
  /** What people call the server; stays the same across restarts. */
  readonly name?: string
  /**
   * Address the server listens on. Foreign entries usually lack it. Of a server of another machine, with `source`, the address at which it is
   * dialled, with the port there in the place of its own, or the name of that machine where it gave none.
   */
  readonly host?: string
  /** Path of the WebSocket endpoint. */
  readonly path?: string
  readonly auth?: Auth
  readonly meta?: Meta
  /** Where the server belongs. */
  readonly scope?: Scope
  /** 128 random bits of this run, in hex. Managed entries have it, foreign ones never do. */
  readonly instance?: string
  /** Host and pid namespace within which `pid` means something. */
  readonly machine?: string
  /** When the process started, as an opaque text: tells a reused pid from the original. */
  readonly processStart?: string
  /** On whose behalf the server runs, if it says so. */
  readonly owner?: Owner
  /** What a server with `auth: 'token'` asks for. It is in the server's own file and in no index, snapshot or log. */
  readonly token?: Token
  /** Address and port at which other machines dial the server, as `10.0.0.5:8080`. */
  readonly advertise?: string
  readonly state: EntryState
  /** Which registry that several machines share it comes from, as its URL without a password; undefined of one of this machine's own. */
  readonly source?: string
}

/** An entry that wsyard wrote: it has an `instance` and a file of its own. */
export type ManagedEntry = Entry & { readonly startedAt: string; readonly instance: string }

/** Whether wsyard wrote this entry, as against a program that wrote into `servers.json` itself. */
export function isManaged(entry: Entry): entry is ManagedEntry {
  return entry.instance !== undefined
}

/** Sorts the oldest first; those that do not say when they started come before all others. */
export function compareByStart(a: Pick<Entry, 'startedAt'>, b: Pick<Entry, 'startedAt'>): number {
  const [first, second] = [instantOf(a), instantOf(b)]
  return first < second ? -1 : Number(first > second)
}

/** Writers may give the same instant in different zones, so times are not compared as texts. */
function instantOf({ startedAt = '' }: Pick<Entry, 'startedAt'>): number {
  const instant = Date.parse(startedAt)
  return Number.isNaN(instant) ? Number.NEGATIVE_INFINITY : instant
}

/** One element of the `servers` array of `servers.json`, as read: known to be an object, nothing more. */
export type Line = Readonly<Record<string, unknown>>

/** Whether a value out of `JSON.parse` is an object that may be looked into. */
export function isRecord(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
