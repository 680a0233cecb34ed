/**
 * How a request is turned away: the codes of `PROTOCOL.md`, "Refusals", and the answer in which they are sent.
 */
import type { ErrorCode } from './errors.js'

const statuses = {
  BAD_REQUEST: 400,
  TOKEN_NEEDED: 401,
  TOKEN_WRONG: 401,
  HOST_NOT_ALLOWED: 403,
  ORIGIN_NOT_ALLOWED: 403,
  CROSS_SITE: 403,
  PEER_NOT_ALLOWED: 403,
  SERVER_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  UPGRADE_NEEDED: 426,
  SERVER_REFUSED: 502,
  SERVER_ANSWER: 502,
  SERVER_ELSEWHERE: 502,
  SERVER_REPLACED: 502,
  HUB_FULL: 503,
  HUB_CLOSING: 503,
  SERVER_SILENT: 504,
} as const

export type RefusalCode = keyof typeof statuses

/** All of them; each has a heading in `docs/reference/errors.md`, and a test compares the two. */
export const refusalCodes: readonly RefusalCode[] = Object.keys(statuses) as RefusalCode[]

/** The HTTP status of a refusal. That the registry cannot be read is 503, whatever is wrong with it. */
export function refusalStatus({ code }: Refusal): number {
  const known: Partial<Record<string, number>> = statuses
  return known[code] ?? 503
}

/** Why a request is not served; the message says what to do about it. */
export interface Refusal {
  readonly code: RefusalCode | ErrorCode
  readonly message: string
}

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  426: 'Upgrade Required',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** What goes with a refusal, whatever it is sent in. */
export function refusalHeaders(refusal: Refusal): Record<string, string> {
  const status = refusalStatus(refusal)
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    vary: 'Origin',
    'x-content-type-options': 'nosniff',
  }
  if (status === 401) headers['www-authenticate'] = 'Bearer'
  if (refusal.code === 'BAD_REQUEST') headers['sec-websocket-version'] = '13' // RFC 6455, section 4.2.2
  if (status === 426) headers.upgrade = 'websocket'
  return headers
}

/** The body of a refusal, all ASCII. */
export function refusalBody({ code, message }: Refusal): string {
  const text = JSON.stringify({ error: { code, message } })
  return text.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The whole answer as HTTP/1.1, for a socket that asked for an upgrade. It is the last thing to be sent on it. */
export function refusalResponse(refusal: Refusal): string {
  const status = refusalStatus(refusal)
  const body = refusalBody(refusal)
  const headers = {
    ...refusalHeaders(refusal),
    'content-length': body.length,
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${phrases[status]}\r\n${lines.join('')}\r\n${body}`
}
