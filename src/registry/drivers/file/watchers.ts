/**
 * Everyone who watches through one file driver, and the view that they share while there is one of them.
 *
 * The view is loaded when it is first wanted: a server registers and never watches, and starts sooner without it.
 */
import type { OnWarning, Revision, WatchEvent, WsyardError } from '../../../core/index.js'
import type { WatchOptions } from '../../registry.js'
import type { RegistryPaths } from './entry-files.js'
import type { FileView } from './view.js'

export interface Watchers {
  watch(onEvent: (event: WatchEvent) => void, options?: WatchOptions): () => void
  /** Looks at once whether the process of an entry has ended. */
  check(id: string): void
  close(): void
}

interface Watcher {
  readonly onEvent: (event: WatchEvent) => void
  readonly onProblem: WatchOptions['onProblem']
  readonly from: Revision | undefined
  /** Takes it off the view's feed, once it is on it. */
  undo?: () => void
}

export function createWatchers(paths: RegistryPaths, onWarning: OnWarning): Watchers {
  const watchers = new Set<Watcher>()
  let view: FileView | undefined
  let problem: WsyardError | undefined

  const onProblem = (next: WsyardError | undefined): void => {
    if (problem?.message === next?.message) return
    problem = next
    const listeners = [...watchers].filter((watcher) => watcher.onProblem !== undefined)
    if (next !== undefined && listeners.length === 0) onWarning(next)
    for (const listener of listeners) listener.onProblem?.(next)
  }

  const start = async (watcher: Watcher): Promise<void> => {
    const { createFileView } = await import('./view.js')
    if (!watchers.has(watcher)) return
    if (view === undefined) view = createFileView(paths, onWarning, onProblem)
    else if (problem !== undefined) watcher.onProblem?.(problem)
    watcher.undo = view.feed.add(watcher.onEvent, watcher.from)
  }

  const stopViewing = (): void => {
    view?.close()
    view = undefined
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
        if (watchers.size === 0) stopViewing()
      }
    },
    check: (id) => view?.check(id),
    close() {
      for (const { undo } of watchers) undo?.()
      watchers.clear()
      stopViewing()
    },
  }
}
