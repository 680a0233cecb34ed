/**
 * The one schema of an entry, from which every reader and writer takes its rules. It says what a valid entry is,
 * and does not say whether its server is alive (`liveness.ts`).
 */

import * as v from 'valibot'
import {
  defined,
  type Entry,
  isRecord,
  type ManagedEntry,
  type Meta as MetaType,
  Token,
  tokenPattern,
  WsyardError,
} from '../core/index.js'

/** Largest `meta`, as UTF-8 JSON. Meta is for labels; bulk belongs behind the server's own socket. */
export const maxMetaBytes = 4096

/** Longest text in a `scope`, so that an entry has room for it beside its `meta`. */
export const maxScopeLength = 1024

/** Largest entry file (`servers.d/<id>.json`). A larger one is refused unread. */
export const maxEntryBytes = 8192

const slug = /^[A-Za-z0-9][\w.-]{0,127}$/

const Text = v.string('must be a text')
const Id = v.pipe(Text, v.regex(slug, 'must match ^[A-Za-z0-9][\\w.-]{0,127}$'))
const Port = wholeNumber(65_535)
const Pid = wholeNumber(2_147_483_647)
const Timestamp = v.pipe(Text, v.isoTimestamp('must be an ISO 8601 date and time with Z or an offset'))

/** A literal address or a host name: nothing that could carry a port, a path or credentials into a URL. */
const Host = v.pipe(
  Text,
  v.regex(
    /^(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]{2,45})$/,
    'must be a host name or an IP address',
  ),
)

/** A literal address and a port. */
const Advertised = v.pipe(
  Text,
  v.regex(
    /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.]{2,45}\]):\d{1,5}$/,
    'must be an address with a port, as 10.0.0.5:8080',
  ),
)

const Path = v.pipe(
  Text,
  v.maxLength(1024, 'must have at most 1024 characters'),
  v.regex(/^\/[\x21\x22\x24-\x7e]*$/, 'must start with / and hold no spaces or #'),
)

const Meta = v.pipe(
  v.custom<MetaType>(isRecord, 'must be an object'),
  v.check((meta) => jsonFits(meta, maxMetaBytes), `must be JSON of at most ${maxMetaBytes} bytes`),
)

const Directory = v.pipe(
  Text,
  v.maxLength(maxScopeLength, `must have at most ${maxScopeLength} characters`),
  v.regex(/^(?:[/\\]|[A-Za-z]:)/, 'must be an absolute path'),
)

const Scope = v.object(
  {
    directory: Directory,
    worktree: v.exactOptional(Directory),
    branch: v.exactOptional(
      v.pipe(Text, v.maxLength(maxScopeLength, `must have at most ${maxScopeLength} characters`)),
    ),
  },
  'must be an object with a directory',
)

const Auth = v.picklist(['open', 'token'], 'must be "open" or "token"')
const Opaque = v.pipe(Text, v.maxLength(128, 'must have at most 128 characters'))
const Instance = v.pipe(Text, v.regex(/^[0-9a-f]{32}$/, 'must be 128 bits in lower-case hex'))

/**
 * A managed entry: what wsyard itself writes into `servers.d/<id>.json`. Fields stand in this order; others are left out
 * of what is read.
 */
const ManagedEntrySchema = v.object({
  id: Id,
  port: Port,
  pid: Pid,
  startedAt: Timestamp,
  name: v.exactOptional(Id),
  host: v.exactOptional(Host),
  path: v.exactOptional(Path),
  auth: v.exactOptional(Auth),
  meta: v.exactOptional(Meta),
  scope: v.exactOptional(Scope),
  instance: Instance,
  machine: v.exactOptional(Opaque),
  processStart: v.exactOptional(Opaque),
  owner: v.exactOptional(
    v.object({ pid: Pid, processStart: v.exactOptional(Opaque) }, 'must be an object with a pid'),
  ),
  token: v.exactOptional(v.pipe(Text, v.regex(tokenPattern, 'must be 32 bytes in base64url'))),
  advertise: v.exactOptional(Advertised),
})

/** The same as a value, for the generator of the JSON Schema; whoever reads entries uses `parseManagedEntry`. */
export const managedEntrySchema: v.GenericSchema = ManagedEntrySchema

/**
 * A foreign entry: any object in `servers.json` with the spike's fields. Its `startedAt` may be missing, and what
 * it means by our optional names is its own affair, so a value that does not fit is left out of our view.
 */
const ForeignEntrySchema = v.object({
  id: Id,
  port: Port,
  pid: Pid,
  startedAt: v.fallback(v.optional(Timestamp), undefined),
  name: v.fallback(v.optional(Id), undefined),
  host: v.fallback(v.optional(Host), undefined),
  path: v.fallback(v.optional(Path), undefined),
  auth: v.fallback(v.optional(Auth), undefined),
  meta: v.fallback(v.optional(Meta), undefined),
  scope: v.fallback(v.optional(Scope), undefined),
})

/** The outcome of reading something that another process wrote. */
export type Parsed<T> =
  | { readonly ok: true; readonly entry: T }
  | { readonly ok: false; readonly problem: string }

/** Reads a managed entry; `problem` names the field, the rule and the value. */
export function parseManagedEntry(value: unknown): Parsed<ManagedEntry> {
  const result = v.safeParse(ManagedEntrySchema, value)
  if (!result.success) return { ok: false, problem: describeIssues(result.issues) }
  const { token, ...fields } = result.output
  const kept = token === undefined ? fields : { ...fields, token: new Token(token) }
  return { ok: true, entry: { ...kept, state: 'up' } }
}

/** Reads a foreign entry; `problem` names the field, the rule and the value. */
export function parseForeignEntry(value: unknown): Parsed<Entry> {
  const result = v.safeParse(ForeignEntrySchema, value)
  if (!result.success) return { ok: false, problem: describeIssues(result.issues) }
  const { id, port, pid, ...others } = result.output
  return { ok: true, entry: { id, port, pid, ...defined(others), state: 'up' } }
}

/**
 * Checks an entry that this process is about to write.
 *
 * @throws {WsyardError} `WSYARD_ERR_ENTRY_INVALID` naming the field, the value and the rule.
 */
export function checkManagedEntry(value: unknown): ManagedEntry {
  const parsed = parseManagedEntry(value)
  if (parsed.ok) return parsed.entry
  throw new WsyardError(
    'WSYARD_ERR_ENTRY_INVALID',
    `Cannot register: ${parsed.problem}. Correct that option.`,
  )
}

function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string {
  const [issue] = issues
  if (issue === undefined) return 'not an entry'
  const field = issue.path?.map((step) => String(step.key)).join('.')
  if (field === undefined) return `it is not an object (got ${shorten(issue.input)})`
  if (issue.received === 'undefined') return `${field} is missing`
  return `${field} ${issue.message} (got ${shorten(issue.input)})`
}

/** From 1 on. */
function wholeNumber(max: number) {
  const rule = `must be a whole number from 1 to ${max}`
  return v.pipe(v.number(rule), v.integer(rule), v.minValue(1, rule), v.maxValue(max, rule))
}

function shorten(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    text = undefined
  }
  if (text === undefined) return typeof value
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function jsonFits(value: unknown, maxBytes: number): boolean {
  try {
    return v.is(v.pipe(v.string(), v.maxBytes(maxBytes)), JSON.stringify(value))
  } catch {
    return false // a cycle, a BigInt, or nested too deep to write
  }
}
