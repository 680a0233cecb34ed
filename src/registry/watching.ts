/**
 * Everyone who watches one registry, over one view that its driver keeps while there is one of them: with revisions
 * (`feed.ts`) and with who does not answer (`health.ts`).
 */
import {
  asWsyardError,
  type Entry,
  type OnWarning,
  type RemovalReason,
  type Revision,
  type WatchEvent,
  type WsyardError,
} from '../core/index.js'
import type { Driver, DriverView, ViewListener } from './drivers/driver.js'
import { createFeed, type Feed } from './feed.js'
import { createHealth } from './health.js'
import type { WatchOptions } from './registry.js'

export interface Watching {
  watch(onEvent: (event: WatchEvent) => void, options?: WatchOptions): () => void
  /** Looks at once whether the process of an entry has exited. */
  check(id: string): void
  close(): void
}

interface Watcher {
  readonly onEvent: (event: WatchEvent) => void
  readonly onProblem: WatchOptions['onProblem']
  readonly from: Revision | undefined
  /** Takes it off the feed, once it is on it. */
  undo?: () => void
}

/** The one view of all watchers. */
interface SharedView {
  readonly feed: Feed
  /** Resolves when it is known what there is, or what is in the way. */
  readonly opened: Promise<void>
  /** Resolves when the feed has what there is. */
  readonly listed: Promise<void>
  check(id: string): void
  close(): void
}

export function createWatching(driver: Driver, onWarning: OnWarning): Watching {
  const watchers = new Set<Watcher>()
  let shared: SharedView | undefined
  let problem: WsyardError | undefined

  const onProblem = (next: WsyardError | undefined): void => {
    if (problem?.message === next?.message) return
    problem = next
    const listeners = [...watchers].filter((watcher) => watcher.onProblem !== undefined)
    if (next !== undefined && listeners.length === 0) onWarning(next)
    for (const listener of listeners) {
      try {
        listener.onProblem?.(next)
      } catch (error) {
        // As of its events: its program's to hear of, and no reason for the others not to.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  const start = async (watcher: Watcher): Promise<void> => {
    const isFirst = shared === undefined
    shared ??= openSharedView(driver, onProblem)
    const { feed, opened, listed } = shared
    await opened
    if (!isFirst && problem !== undefined && watchers.has(watcher)) watcher.onProblem?.(problem)
    await listed // before that there is no list, not an empty one
    if (!watchers.has(watcher)) return
    watcher.undo = feed.add(watcher.onEvent, watcher.from)
  }

  const stop = (): void => {
    shared?.close()
    shared = undefined
    problem = undefined
  }

  return {
    watch(onEvent, options = {}) {
      const watcher: Watcher = { onEvent, onProblem: options.onProblem, from: options.from }
      watchers.add(watcher)
      void start(watcher)
      return () => {
        watchers.delete(watcher)
        watcher.undo?.()
        if (watchers.size === 0) stop()
      }
    },
    check: (id) => shared?.check(id),
    close() {
      for (const { undo } of watchers) undo?.()
      watchers.clear()
      stop()
    },
  }
}

function openSharedView(driver: Driver, onProblem: ViewListener['onProblem']): SharedView {
  const feed = createFeed()
  let entries = new Map<string, Entry>()
  let view: DriverView | undefined
  let closed = false
  let onListed = (): void => {}
  const listed = new Promise<void>((resolve) => {
    onListed = resolve
  })

  const withState = (entry: Entry): Entry => {
    const state = health.stateOf(entry)
    return state === entry.state ? entry : { ...entry, state }
  }
  const publish = (reasonFor: (gone: Entry) => RemovalReason): void => {
    const shown = new Map<string, Entry>()
    for (const [id, entry] of entries) shown.set(id, withState(entry))
    feed.update(shown, reasonFor)
  }
  const check = (id: string): void => view?.check(id)
  const health = createHealth({
    entries: () => entries.values(),
    onChange: () => publish(() => 'deregistered'), // nobody goes by that
    onExited: check,
  })
  const listener: ViewListener = {
    onEntries(next, reasonFor) {
      if (closed) return
      entries = new Map(next)
      publish(reasonFor)
      onListed()
    },
    onChanges(changed, reasonFor) {
      if (closed) return
      const shown = new Map<string, Entry | undefined>()
      for (const [id, entry] of changed) {
        if (entry === undefined) entries.delete(id)
        else entries.set(id, entry)
        shown.set(id, entry && withState(entry))
      }
      feed.patch(shown, reasonFor)
    },
    onProblem(problem) {
      if (!closed) onProblem(problem)
    },
  }
  const open = async (): Promise<void> => {
    try {
      const opened = await driver.view(listener)
      if (closed) opened.close()
      else view = opened
    } catch (error) {
      listener.onProblem(asWsyardError(error))
    }
  }
  return {
    feed,
    opened: open(),
    listed,
    check,
    close() {
      closed = true
      health.close()
      view?.close()
    },
  }
}
