/**
 * What a place that keeps entries must be able to do, and no more: `createRegistry` makes a `Registry` of it, and what all
 * of them need (revisions, many watchers over one view, who does not answer) is done there. The contract suite in
 * `test/contract` says how a registry must behave.
 */
import { type Entry, type ManagedEntry, type RemovalReason, WsyardError } from '../../core/index.js'
import type { RemovedEntry } from '../registry.js'

export interface Driver {
  /** What its entries say of where they come from; undefined of this machine's own. */
  readonly source?: string | undefined
  /**
   * Makes it so that this entry is there, and sees to it that it stays until it is removed, in whatever way this place
   * needs. Doing it again changes nothing.
   *
   * @throws {WsyardError} `WSYARD_ERR_ID_TAKEN` when another live run holds the id, `WSYARD_ERR_REGISTRY_UNWRITABLE`;
   *   nothing has changed then.
   */
  put(entry: ManagedEntry): Promise<void>
  /** Looks after an entry no more, which stays where it is. */
  release(entry: ManagedEntry): void
  /** Removes an entry; with `instance`, only if that run still holds the id. Resolves to false when there was none. */
  remove(id: string, instance?: string): Promise<boolean>
  /** The same for many at the very end of the process, when nothing asynchronous can run any more. Never throws. */
  removeAtExit(entries: Iterable<ManagedEntry>): void
  /** The live entries, oldest first. */
  list(): Promise<Entry[]>
  /** Takes out those whose processes have exited, and resolves to them. */
  prune(): Promise<Entry[]>
  /** Those that have left lately, the latest first. */
  removed(): Promise<RemovedEntry[]>
  /**
   * Begins to look at the entries, and resolves once the listener has heard of them, or of what is in the way for now.
   * Rejects when it never will.
   */
  view(listener: ViewListener): Promise<DriverView>
  /** Lets go of all that it holds; nothing is looked after any more. */
  close(): Promise<void>
}

/** Hears what a driver sees, for as long as its view is open. */
export interface ViewListener {
  /** All live entries as they are now, and why any of those that were there before has gone. */
  onEntries(entries: ReadonlyMap<string, Entry>, reasonFor: (gone: Entry) => RemovalReason): void
  /** The same where some ids have changed since, to an entry or to none. */
  onChanges(changed: ReadonlyMap<string, Entry | undefined>, reasonFor: (gone: Entry) => RemovalReason): void
  /** That the entries cannot be read, or undefined when they can be again; until then the last ones stand. */
  onProblem(problem: WsyardError | undefined): void
}

export interface DriverView {
  /** Looks at once, and closely, whether the process of an entry has exited. */
  check(id: string): void
  close(): void
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
