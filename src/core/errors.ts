/**
 * The one error class of wsyard and the list of its codes. Every code has a heading of the same name in
 * `docs/reference/errors.md`; a test compares the two.
 */

export const errorCodes = [
  'WSYARD_ERR_HOME_INVALID',
  'WSYARD_ERR_REGISTRY_URL',
  'WSYARD_ERR_REGISTRY_UNREADABLE',
  'WSYARD_ERR_REGISTRY_UNWRITABLE',
  'WSYARD_ERR_REGISTRY_CLOSED',
  'WSYARD_ERR_FILE_REFUSED',
  'WSYARD_ERR_INDEX_CORRUPT',
  'WSYARD_ERR_ENTRY_CORRUPT',
  'WSYARD_ERR_ENTRY_INVALID',
  'WSYARD_ERR_ID_TAKEN',
  'WSYARD_ERR_LISTEN_FAILED',
  'WSYARD_ERR_PAGE_MISSING',
  'WSYARD_ERR_PACKAGE_MISSING',
  'WSYARD_ERR_SERVER_NOT_FOUND',
  'WSYARD_ERR_SERVER_UNREACHABLE',
  'WSYARD_ERR_CONNECTION_ENDED',
  'WSYARD_ERR_NO_TOKEN',
  'WSYARD_ERR_HUB_UNREACHABLE',
  'WSYARD_ERR_HUB_ANSWER',
  'WSYARD_ERR_BROWSER_BLOCKS',
] as const

/** A stable name for one kind of failure. Compare this, never the message. */
export type ErrorCode = (typeof errorCodes)[number]

/** What a `WsyardError` carries besides its message. */
export interface ErrorDetails {
  /** The error underneath, as the platform gave it. */
  cause?: unknown
  /** The file or directory concerned, absolute. */
  path?: string
  /** The id of the entry concerned. */
  id?: string
  /** By which code a hub turned the request down (`PROTOCOL.md`, "Refusals"). */
  refusal?: string | undefined
  /** The registry that several machines share and that is lost, as `Entry.source` has it: what was last known of its servers stands. */
  source?: string
}

/**
 * Every failure that wsyard reports, thrown or handed to `onWarning`.
 *
 * Its message says what happened, to which value, where, and what to do next.
 */
export class WsyardError extends Error {
  override readonly name = 'WsyardError'
  declare readonly code: ErrorCode
  declare readonly path: string | undefined
  declare readonly id: string | undefined
  declare readonly refusal: string | undefined
  declare readonly source: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details) // which takes the cause, if there is one
    const { path, id, refusal, source } = details
    Object.assign(this, { code, path, id, refusal, source })
  }
}

/** Hears of what went wrong without anything being lost: a file set aside, an entry skipped. */
export type OnWarning = (warning: WsyardError) => void

/** The error itself if it is one of ours; anything else as the reason why the registry could not be followed. */
export function asWsyardError(error: unknown): WsyardError {
  if (error instanceof WsyardError) return error
  const message = `Cannot follow the registry: ${reasonOf(error)}. It is tried again.`
  return new WsyardError('WSYARD_ERR_REGISTRY_UNREADABLE', message, { cause: error })
}

/** The text of anything that was thrown, for the end of a message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
