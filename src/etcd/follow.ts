/**
 * Follows a registry in etcd without a gap or a repeat: reads it once, then hears of every revision, at one member after another.
 */
import { type Retry, retryAfter, untried } from '../core/index.js'
import type { EtcdClient } from './client/etcd-client.js'
import { EtcdError, type Outlook } from './client/etcd-error.js'
import { fromBase64, toRevision, type WatchAnswer, type WatchedEvent } from './client/wire.js'
import type { Keys } from './keys.js'
import type { Listed, Store } from './store.js'

export interface FollowListener {
  /** All there is, at the beginning and whenever what was in between cannot be told. */
  onList(listed: Listed): void
  /** What one revision has changed. */
  onRevision(events: readonly WatchedEvent[]): void
  /** That etcd cannot be followed: once, until it is worse; or undefined when it can be again. */
  onProblem(error: unknown): void
}

/** The longest pause after something has failed, milliseconds: within two seconds after etcd is back all is told. */
const limitMs = 500

/** The same after a refusal, which stands until somebody does something about it; to try a password costs etcd much. */
const refusedMs = 5000

/** Goes on until `signal` is aborted; never rejects. */
export async function follow(
  { client, store, keys }: { readonly client: EtcdClient; readonly store: Store; readonly keys: Keys },
  listener: FollowListener,
  signal: AbortSignal,
): Promise<void> {
  /** As it was listed last; undefined: it is to be listed anew. */
  let known: Listed | undefined
  let next = 0
  let createdAt: number | undefined
  let retry: Retry = untried
  let told: Outlook | undefined

  const problem = (error: unknown): void => {
    const outlook = outlookOf(error)
    if (told === outlook) return
    told = outlook
    listener.onProblem(error)
  }
  const noProblem = (): void => {
    told = undefined
    listener.onProblem(undefined)
  }

  const hear = (events: readonly WatchedEvent[]): void => {
    next = toRevision(events[0]?.kv.mod_revision) + 1
    const epoch = events.find(({ kv }) => kv.key === keys.epoch)
    if (epoch !== undefined && known !== undefined) known = { ...known, epoch: fromBase64(epoch.kv.value) }
    listener.onRevision(events)
  }

  /** Resolves to what ended it, or to undefined when it is to be listed anew. */
  const watch = async ({ clusterId }: Listed): Promise<unknown> => {
    let isOver = false
    let resolveEnd: (error?: EtcdError) => void = () => {}
    const ended = new Promise<unknown>((resolve) => {
      resolveEnd = resolve
    })
    const end = (error?: EtcdError): void => {
      isOver = true
      resolveEnd(error)
    }
    const onMessage = (message: WatchAnswer): void => {
      if (isOver) return
      const isBegin = message.created === true
      if (message.canceled === true || (isBegin && !isSameHistory(message, clusterId, next))) {
        known = undefined
        end()
        return
      }
      if (isBegin) {
        createdAt = performance.now()
        noProblem()
      }
      for (const events of byRevision(message.events)) if (!isOver) hear(events)
    }
    const stream = await client.watch(keys.all, next, { onMessage, onEnd: end })
    const onAbort = (): void => end()
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    try {
      return await ended
    } finally {
      signal.removeEventListener('abort', onAbort)
      stream.close()
    }
  }

  /** Resolves to what ended it. */
  const followOnce = async (): Promise<unknown> => {
    try {
      // An emptied store may have come as far again as the one that was followed.
      if (known !== undefined && (await store.epoch()) !== known.epoch) known = undefined
      if (known === undefined) {
        const listed = await store.list()
        if (signal.aborted) return undefined
        known = listed
        next = listed.revision + 1
        listener.onList(listed)
        noProblem()
      }
      return await watch(known)
    } catch (error) {
      return error
    }
  }

  while (!signal.aborted) {
    createdAt = undefined
    const error = await followOnce()
    if (signal.aborted) return
    const now = performance.now()
    retry = retryAfter(retry, {
      now,
      chance: Math.random(),
      heldMs: now - (createdAt ?? now),
      limitMs: error !== undefined && outlookOf(error) === 'never' ? refusedMs : limitMs,
    })
    // A watch that ends is opened anew, mostly at once; that it cannot be is a problem.
    const isProblem = retry.failures > 1 || known === undefined || outlookOf(error) === 'never'
    if (error !== undefined && isProblem) problem(error)
    if (error instanceof EtcdError && error.isCompacted) known = undefined
    await pause(retry.dueAt - now, signal)
  }
}

function outlookOf(error: unknown): Outlook {
  return error instanceof EtcdError ? error.outlook : 'never'
}

/** Whether a watch goes on where the last one ended: at the same cluster, which has not fallen back behind that. */
function isSameHistory({ header }: WatchAnswer, clusterId: string, next: number): boolean {
  return header?.cluster_id === clusterId && toRevision(header.revision) >= next - 1
}

/** Several revisions come in one message when there was much to tell. */
export function byRevision(events: readonly WatchedEvent[] = []): WatchedEvent[][] {
  const groups: WatchedEvent[][] = []
  for (const event of events) {
    const last = groups.at(-1)
    if (last?.[0]?.kv.mod_revision === event.kv.mod_revision) last.push(event)
    else groups.push([event])
  }
  return groups
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
