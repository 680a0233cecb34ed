/**
 * The servers that there are and what has become of them since a point, for an agent that asks now and then: the registry is watched
 * from the first question on, so that a point stays known between two.
 */
import {
  applyEvent,
  type Change,
  type Entry,
  type RemovalReason,
  type Revision,
  type WatchEvent,
} from '../../core/index.js'
import type { Registry } from '../../registry/index.js'
import { maxWaitMs } from './limits.js'
import { createWaiters } from './waiters.js'

/** Each server that has come, changed or gone, in order; or all that there are, where the point is not known any more. */
export type News =
  | { readonly point: string; readonly changes: readonly Change<Entry, RemovalReason | undefined>[] }
  | { readonly point: string; readonly servers: readonly Entry[] }

export interface FollowedServers {
  /** @throws {Error} when the registry cannot be read. */
  now(): Promise<{ readonly point: string; readonly servers: readonly Entry[] }>
  /** Waits for one change at least. Throws as `now` does. */
  since(point: string, waitMs: number, signal: AbortSignal): Promise<News>
}

/** @param registry is closed by who opened it, and following ends with that */
export function followServers(registry: Registry): FollowedServers {
  const view = new Map<string, Entry>()
  let current: Revision | undefined
  let problem: Error | undefined
  let ready: Promise<void> | undefined

  const follow = (): Promise<void> =>
    new Promise((resolve) => {
      const onEvent = (event: WatchEvent): void => {
        applyEvent(view, event)
        current = { epoch: event.epoch, revision: event.revision }
        resolve()
      }
      registry.watch(onEvent, {
        onProblem(next) {
          problem = next
        },
      })
    })

  const now = async (): Promise<{ point: string; revision: Revision; servers: readonly Entry[] }> => {
    ready ??= follow()
    await ready
    if (problem !== undefined) throw problem
    const revision = current ?? { epoch: '', revision: 0 }
    return { point: textOf(revision), revision, servers: [...view.values()] }
  }

  return {
    now,
    async since(point, waitMs, signal) {
      const { revision, ...all } = await now()
      const from = revisionOf(point)
      if (from.epoch !== revision.epoch) return all
      const events: WatchEvent[] = []
      const waiters = createWaiters()
      const undo = registry.watch(
        (event) => {
          events.push(event)
          waiters.wake()
        },
        { from },
      )
      const isBehind = from.revision !== revision.revision
      await waiters.until(() => events.length > 0, isBehind ? maxWaitMs : waitMs, signal)
      undo()
      if (problem !== undefined) throw problem
      const last = events.at(-1)
      if (last === undefined) return { point, changes: [] }
      if (events.some(({ type }) => type === 'snapshot')) return now()
      return {
        point: textOf(last),
        changes: events.flatMap((event) => (event.type === 'change' ? event.changes : [])),
      }
    },
  }
}

function textOf({ epoch, revision }: Revision): string {
  return `${epoch}:${revision}`
}

/** Of anything else than such a text it is a point that nobody knows. */
function revisionOf(point: string): Revision {
  const [epoch = '', revision = ''] = point.split(':')
  return { epoch, revision: Number(revision) }
}
