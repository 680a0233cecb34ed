/**
 * The registry as the hub has it in memory: followed once for snapshot, push and relay alike.
 */
import { applyEvent, type Entry, findServer, type Revision, type WatchEvent } from '../core/index.js'
import type { Registry } from '../registry/index.js'

export interface HubView {
  /** The live servers, by id. */
  readonly entries: ReadonlyMap<string, Entry>
  /** The root of the project whose servers come first where several have one name; undefined: of none. */
  readonly scope: string | undefined
  /** The server that an id or a name means. */
  find(key: string): Entry | undefined
  /** Where `entries` stands; undefined before the registry was first read. */
  readonly revision: Revision | undefined
  /** Why the registry cannot be read at the moment; the last entries stand. */
  readonly problem: Error | undefined
  /** Calls back as soon as there are entries or a problem: now, if there are. */
  whenReady(callback: () => void): void
  /** Hears of every event, after `entries` has changed, and of every other `problem`. Returns its undo. */
  follow(listener: ViewListener): () => void
  /** Stops following the registry; nobody hears of anything afterwards, but who waits to be ready is called. */
  close(): void
}

export interface ViewListener {
  onEvent(event: WatchEvent): void
  onProblem(problem: Error | undefined): void
}

export interface HubViewOptions {
  scope: string | undefined
  onWarning: (warning: Error) => void
}

export function createHubView(registry: Registry, { scope, onWarning }: HubViewOptions): HubView {
  const entries = new Map<string, Entry>()
  const listeners = new Set<ViewListener>()
  let waiting: (() => void)[] = []
  let revision: Revision | undefined
  let problem: Error | undefined
  let closed = false

  const becomeReady = (): void => {
    const callbacks = waiting
    waiting = []
    for (const callback of callbacks) callback()
  }

  const onEvent = (event: WatchEvent): void => {
    applyEvent(entries, event)
    revision = { epoch: event.epoch, revision: event.revision }
    for (const listener of listeners) listener.onEvent(event)
    becomeReady()
  }
  const onProblem = (next: Error | undefined): void => {
    problem = next
    if (next !== undefined) onWarning(next)
    for (const listener of listeners) listener.onProblem(next)
    becomeReady()
  }
  const unwatch = registry.watch(onEvent, { onProblem })

  return {
    entries,
    scope,
    find: (key) => findServer(entries, key, scope),
    get revision() {
      return revision
    },
    get problem() {
      return problem
    },
    whenReady(callback) {
      if (revision === undefined && problem === undefined && !closed) waiting.push(callback)
      else callback()
    },
    follow(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      closed = true
      unwatch()
      listeners.clear()
      becomeReady()
    },
  }
}
