/**
 * What a place that keeps entries must be able to do. `createRegistry` makes a `Registry` of it; the contract suite
 * in `test/contract` says how it must behave.
 */
import { type Entry, type ManagedEntry, type WatchEvent, WsyardError } from '../../core/index.js'
import type { WatchOptions } from '../registry.js'

export interface Driver {
  /**
   * Makes it so that this entry is there. Doing it again changes nothing.
   * @throws {WsyardError} `WSYARD_ERR_ID_TAKEN` when another live run holds the id, `WSYARD_ERR_REGISTRY_UNWRITABLE`;
   *   nothing has changed then.
   */
  put(entry: ManagedEntry): Promise<void>
  /** Looks whether the entry is still as it was put, as cheaply as it can, and puts it back if not. */
  keep(entry: ManagedEntry): Promise<void>
  /** Removes an entry; with `instance`, only if that run still holds the id. Resolves to false when there was none. */
  remove(id: string, instance?: string): Promise<boolean>
  /** The same for many at the very end of the process, when nothing asynchronous can run any more. Never throws. */
  removeAtExit(entries: Iterable<ManagedEntry>): void
  /** The live entries, oldest first. */
  list(): Promise<Entry[]>
  /** Looks at once whether the process of an entry has ended, for those who watch. */
  check(id: string): void
  watch(onEvent: (event: WatchEvent) => void, options?: WatchOptions): () => void
  close(): Promise<void>
}

/**
 * The refusal that every driver gives when a live run holds the id already.
 *
 * @param id what was asked for, where that cannot be kept beside the holder's.
 */
export function idTaken(holder: Entry, id: string = holder.id): WsyardError {
  const { port, pid } = holder
  const which =
    holder.id === id ? 'this id' : `the id "${holder.id}", for which this file system has the same name`
  const message = `Cannot register "${id}": a live server has ${which} (port ${port}, pid ${pid}). Choose another id, or leave it out and give a name.`
  return new WsyardError('WSYARD_ERR_ID_TAKEN', message, { id })
}
