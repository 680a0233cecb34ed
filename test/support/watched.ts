/**
 * What somebody is told who watches a registry, from the first event on.
 */
import { applyEvent, type Entry } from '../../src/core/index.js'
import type { Registry, WatchEvent } from '../../src/registry/index.js'

export interface Watched {
  readonly events: readonly WatchEvent[]
  readonly problems: readonly (Error | undefined)[]
  /** Who has come and gone since the snapshot, as `added a` and `removed a expired`, in order. */
  steps(): string[]
  /** The view that follows from it. */
  entries(): Entry[]
  ids(): string[]
}

export function watched(registry: Registry): Watched {
  const events: WatchEvent[] = []
  const problems: (Error | undefined)[] = []
  const view = new Map<string, Entry>()
  const onEvent = (event: WatchEvent): void => {
    events.push(event)
    applyEvent(view, event)
  }
  registry.watch(onEvent, { onProblem: (problem) => problems.push(problem) })
  return {
    events,
    problems,
    steps: () =>
      events
        .flatMap((event) => (event.type === 'change' ? event.changes : []))
        .filter(({ type }) => type !== 'updated')
        .map((one) => `${one.type} ${one.entry.id}${one.type === 'removed' ? ` ${one.reason}` : ''}`),
    entries: () => [...view.values()],
    ids: () => [...view.keys()].sort(),
  }
}
