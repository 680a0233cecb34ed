/**
 * What etcd answers in the place of what was asked for, and what it means for whoever asked.
 */
import { isRecord } from '../../core/index.js'

/**
 * `again`: another member, or the same one a little later, may do it, and this one may have done it all the same. `login`: the token has
 * run out. `never`: asking again changes nothing.
 */
export type Outlook = 'again' | 'login' | 'never'

export class EtcdError extends Error {
  readonly outlook: Outlook

  constructor(message: string, outlook: Outlook, cause?: unknown) {
    super(message, { cause })
    this.outlook = outlook
  }

  /** The lease that was named has run out or been revoked. */
  get isLeaseGone(): boolean {
    return this.message.includes('requested lease not found')
  }

  /** The revision that was named is not kept any more. */
  get isCompacted(): boolean {
    return this.message.includes('has been compacted')
  }

  /** Its disk has as much as it may have: it takes nothing in, and does all the rest. */
  get isFull(): boolean {
    return this.message.includes('database space exceeded')
  }

  /** The user has no right to these keys. */
  get isDenied(): boolean {
    return /permission denied/i.test(this.message)
  }

  /** There is no such user, or this is not their password, or there are no users. */
  get isOfCredentials(): boolean {
    return /authentication (failed|is not enabled)/.test(this.message)
  }

  /** One side does not take the other's certificate. */
  get isOfCertificates(): boolean {
    return isOfCertificates(this.cause)
  }
}

/** That no answer came: the socket failed, or nothing was said in time. */
export function unreachable(endpoint: string, cause: unknown): EtcdError {
  const why = cause instanceof Error && cause.message !== '' ? cause.message : String(cause)
  return new EtcdError(`${endpoint}: ${why}`, isOfCertificates(cause) ? 'never' : 'again', cause)
}

/** What is wrong with certificates stays wrong. */
function isOfCertificates(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /CERT|^ERR_TLS|^ERR_SSL|UNABLE_TO_|SELF_SIGNED/.test(code)
}

/** The codes of gRPC, as far as something hangs on them. */
const codes = {
  canceled: 1,
  unknown: 2,
  invalid: 3,
  late: 4,
  full: 8,
  precondition: 9,
  unavailable: 14,
  unauthenticated: 16,
}

/** What an answer of this status and body says; undefined when it is not an error. */
export function errorIn(endpoint: string, status: number, body: unknown): EtcdError | undefined {
  const said = isRecord(body) ? refusalIn(body) : undefined
  if (said !== undefined) return new EtcdError(`${endpoint}: ${said.message}`, outlookOf(said))
  const isOfEtcd = isRecord(body) && (isRecord(body.header) || isRecord(body.result))
  if (status === 200 && isOfEtcd) return undefined
  if (status === 404) return new EtcdError(`${endpoint}: ${noGateway}`, 'never')
  const shown = (typeof body === 'string' ? body : JSON.stringify(body)).trim().slice(0, 200)
  const outlook = status >= 500 || status === 200 ? 'again' : 'never' // half an answer is none
  return new EtcdError(`${endpoint}: answered ${status}${shown === '' ? '' : ` "${shown}"`}`, outlook)
}

const noGateway =
  'has no JSON API at /v3, which etcd has from 3.4 on if it is not started with --enable-grpc-gateway=false'

interface Said {
  readonly code: number
  readonly message: string
}

/** Old and new members, of single answers and of streams, have four shapes for it. */
function refusalIn(body: Readonly<Record<string, unknown>>): Said | undefined {
  const inner = isRecord(body.error) ? body.error : body
  const code = inner.grpc_code ?? inner.code
  return typeof code === 'number' && typeof inner.message === 'string'
    ? { code, message: inner.message }
    : undefined
}

/**
 * What lasts has a code of its own in etcd; `unknown` is what it has none for, such as a proposal that was dropped as the leader changed,
 * and a deadline.
 */
const ofTheMoment: ReadonlySet<number> = new Set([
  codes.unavailable,
  codes.late,
  codes.canceled,
  codes.unknown,
])

function outlookOf({ code, message }: Said): Outlook {
  if (code === codes.unauthenticated) return 'login'
  if (code === codes.invalid && /user name is empty|revision of auth store is old/.test(message))
    return 'login'
  if (ofTheMoment.has(code)) return 'again'
  const isBusy = code === codes.full && message.includes('too many requests')
  const hasLostLead = code === codes.precondition && message.includes('not leader')
  return isBusy || hasLostLead ? 'again' : 'never'
}

/** Why a watch was ended by etcd, from what it says in words. */
export function watchRefusal(endpoint: string, reason: string): EtcdError {
  const isLogin = /Unauthenticated|user name is empty|revision of auth store is old/.test(reason)
  const isFinal = /PermissionDenied|permission denied/.test(reason)
  return new EtcdError(`${endpoint}: ${reason}`, isLogin ? 'login' : isFinal ? 'never' : 'again')
}
