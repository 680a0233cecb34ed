/**
 * The changes that a registry makes in etcd, each one transaction that is guarded by what it expects to find: doing it again does no harm,
 * and no run undoes what another has done.
 */
import { type ManagedEntry, type RemovalReason, WsyardError } from '../core/index.js'
import { maxEntryBytes } from '../registry/drivers/index.js'
import type { Base64, Compare, Operation, Txn } from './client/wire.js'
import type { EntryFormat } from './entry-format.js'
import type { Keys } from './keys.js'
import { removalValue } from './removal-values.js'

/** How long what has left is remembered. */
const rememberMs = 10 * 60_000

/** Where entries are, and how they are written. */
export interface Layout {
  readonly keys: Keys
  readonly format: EntryFormat
}

/** What holds an id, and by which it is known whether it is still that. */
export interface Holder {
  /** Undefined when what stands there is no entry. */
  readonly entry: ManagedEntry | undefined
  readonly modRevision: string
  /** Under which it stands. */
  readonly lease?: string | undefined
}

/** Puts an entry under a lease where its id is free; else reads what holds it. */
export function placing(layout: Layout, entry: ManagedEntry, lease: string): Txn {
  const key = layout.keys.entry(entry.id)
  return {
    compare: [{ key, target: 'CREATE', result: 'EQUAL', create_revision: '0' }],
    success: [putting(layout, entry, lease)],
    failure: [{ request_range: { key } }],
  }
}

/** Puts an entry in the place of what holds its id, if that is still there: nothing readable, another run, or the same one under an older lease. */
export function replacing(layout: Layout, entry: ManagedEntry, lease: string, holder: Holder): Txn {
  const { keys } = layout
  const left = holder.entry?.instance === entry.instance ? undefined : holder.entry
  return {
    compare: [isUnchanged(keys.entry(entry.id), holder)],
    success: [
      putting(layout, entry, lease),
      ...(left === undefined ? [] : [remembering(keys, left, 'replaced')]),
    ],
  }
}

/** Removes an entry that this process has put, if it is still that. */
export function removing(layout: Layout, entry: ManagedEntry): Txn {
  const { keys } = layout
  const key = keys.entry(entry.id)
  return {
    compare: [isValue(key, checkedValue(layout, entry))],
    success: [{ request_delete_range: { key } }, remembering(keys, entry, 'deregistered'), forgetting(keys)],
  }
}

/** Removes what holds an id, if it is still there. */
export function removingHolder(keys: Keys, id: string, holder: Holder, reason: RemovalReason): Txn {
  const key = keys.entry(id)
  const remember = holder.entry === undefined ? [] : [remembering(keys, holder.entry, reason)]
  return {
    compare: [isUnchanged(key, holder)],
    success: [{ request_delete_range: { key } }, ...remember, forgetting(keys)],
  }
}

/** Gives the registry its epoch, unless it has one. */
export function markingEpoch(keys: Keys, value: Base64): Txn {
  return {
    compare: [{ key: keys.epoch, target: 'CREATE', result: 'EQUAL', create_revision: '0' }],
    success: [{ request_put: { key: keys.epoch, value } }],
  }
}

function putting(layout: Layout, entry: ManagedEntry, lease: string): Operation {
  return { request_put: { key: layout.keys.entry(entry.id), value: checkedValue(layout, entry), lease } }
}

function isValue(key: Base64, value: Base64): Compare {
  return { key, target: 'VALUE', result: 'EQUAL', value }
}

function isUnchanged(key: Base64, { modRevision }: Holder): Compare {
  return { key, target: 'MOD', result: 'EQUAL', mod_revision: modRevision }
}

/** Says why it has left, in the transaction in which it does: a key that goes without that has lost its lease. */
function remembering(keys: Keys, entry: ManagedEntry, reason: RemovalReason): Operation {
  const now = new Date()
  return {
    request_put: { key: keys.removal(now, entry.instance), value: removalValue(entry, reason, now) },
  }
}

function forgetting(keys: Keys): Operation {
  return { request_delete_range: keys.removalsBefore(new Date(Date.now() - rememberMs)) }
}

/** @throws {WsyardError} `WSYARD_ERR_ENTRY_INVALID` when it is too large. */
function checkedValue({ format }: Layout, entry: ManagedEntry): Base64 {
  const value = format.write(entry)
  const bytes = Buffer.byteLength(value, 'base64')
  if (bytes <= maxEntryBytes) return value
  const message = `Cannot register "${entry.id}": its entry has ${bytes} bytes, and at most ${maxEntryBytes} are kept. Give it a smaller meta.`
  throw new WsyardError('WSYARD_ERR_ENTRY_INVALID', message, { id: entry.id })
}
