/**
 * What is said to etcd and what it answers: the part of its JSON API that is used here. Fields that are zero, false or empty are left
 * out of its answers; 64-bit numbers are texts there, and keys and values are base64.
 */

/** Keys and values as the API has them. */
export type Base64 = string

export function toBase64(text: string): Base64 {
  return Buffer.from(text).toString('base64')
}

export function fromBase64(text: Base64 = ''): string {
  return Buffer.from(text, 'base64').toString()
}

/** One of the store's revisions, or undefined as 0: they stay far below 2^53. */
export function toRevision(text: string | undefined): number {
  return Number(text ?? 0)
}

/** From `key` on up to `range_end`; without one, the one key. */
export interface KeyRange {
  readonly key: Base64
  readonly range_end?: Base64
}

export interface RangeRequest extends KeyRange {
  readonly limit?: string
  readonly revision?: string
  readonly sort_order?: 'ASCEND' | 'DESCEND'
}

export interface PutRequest {
  readonly key: Base64
  readonly value: Base64
  readonly lease?: string
}

export interface Compare {
  readonly key: Base64
  readonly target: 'CREATE' | 'MOD' | 'VALUE'
  readonly result: 'EQUAL'
  readonly create_revision?: string
  readonly mod_revision?: string
  readonly value?: Base64
}

export type Operation =
  | { readonly request_range: RangeRequest }
  | { readonly request_put: PutRequest }
  | { readonly request_delete_range: KeyRange }
  | { readonly request_txn: Txn }

/** All of `success` at once when every comparison holds, else all of `failure`. */
export interface Txn {
  readonly compare?: readonly Compare[]
  readonly success: readonly Operation[]
  readonly failure?: readonly Operation[]
}

export interface Header {
  readonly cluster_id: string
  readonly revision?: string
}

export interface KeyValue {
  readonly key: Base64
  readonly value?: Base64
  readonly create_revision?: string
  readonly mod_revision: string
  readonly lease?: string
}

export interface RangeAnswer {
  readonly kvs?: readonly KeyValue[]
  readonly more?: boolean
}

export interface OperationAnswer {
  readonly response_range?: RangeAnswer
}

export interface TxnAnswer {
  readonly header: Header
  readonly succeeded?: boolean
  readonly responses?: readonly OperationAnswer[]
}

export interface WatchAnswer {
  readonly header?: Header
  readonly created?: boolean
  readonly canceled?: boolean
  readonly cancel_reason?: string
  readonly events?: readonly WatchedEvent[]
}

export interface WatchedEvent {
  /** Left out of a put. */
  readonly type?: 'DELETE'
  readonly kv: KeyValue
}

/** What may be asked: by path, what is sent and what is answered. */
export interface Calls {
  '/v3/kv/range': { request: RangeRequest; answer: RangeAnswer & { readonly header: Header } }
  '/v3/kv/txn': { request: Txn; answer: TxnAnswer }
  '/v3/lease/grant': { request: { readonly TTL: string }; answer: { readonly ID: string } }
  '/v3/lease/keepalive': {
    request: { readonly ID: string }
    /** No `TTL`: there is no such lease any more. */
    answer: { readonly result: { readonly TTL?: string } }
  }
  '/v3/lease/timetolive': {
    request: { readonly ID: string; readonly keys: true }
    /** What it holds. */
    answer: { readonly keys?: readonly Base64[] }
  }
  '/v3/lease/revoke': { request: { readonly ID: string }; answer: unknown }
  '/v3/auth/authenticate': {
    request: { readonly name: string; readonly password: string }
    answer: { readonly token: string }
  }
}

export type CallPath = keyof Calls
