/**
 * Writes down what becomes of a registry in etcd, revision by revision and when: what everybody else says of it is held against that. It
 * watches all members by their bare API, and knows nothing of the code that is judged.
 */
import { setTimeout } from 'node:timers/promises'
import type { EtcdCluster } from '../../support/etcd.js'
import { now } from './clock.js'

/** What one revision has done below the prefix. */
export interface StoreRevision {
  readonly revision: number
  /** When it was first heard of. */
  readonly at: number
  /** Entries that were put, by id. */
  readonly puts: ReadonlyMap<string, StoredEntry>
  /** Ids whose entries were deleted. */
  readonly deletes: readonly string[]
  /** Why runs have left, by their instance, where that was said. */
  readonly reasons: ReadonlyMap<string, string>
}

export interface StoredEntry {
  readonly run: string
  readonly instance: string
}

export interface StoreRecord {
  /** In order, so far. */
  revisions(): StoreRevision[]
  /** Resolves when everything up to this moment has been heard of. */
  caughtUp(): Promise<void>
  close(): void
}

interface Message {
  readonly result?: { readonly events?: readonly StoreEvent[] }
}

interface StoreEvent {
  readonly type?: 'DELETE'
  readonly kv: { readonly key: string; readonly value?: string; readonly mod_revision: string }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const text = (encoded: string | undefined): string => Buffer.from(encoded ?? '', 'base64').toString()

const revisionOf = ({ kv }: StoreEvent): number => Number(kv.mod_revision)

/** How soon a member is asked again that could not be. */
const againMs = 100

export function recordStore(cluster: EtcdCluster, prefix: string): StoreRecord {
  const known = new Map<number, StoreRevision>()
  const closing = new AbortController()
  const entries = `${prefix}/servers/`

  const take = (events: readonly StoreEvent[]): void => {
    const at = now()
    for (const revision of new Set(events.map(revisionOf))) {
      if (known.has(revision)) continue // another member has told of it
      const some = events.filter((event) => revisionOf(event) === revision)
      known.set(revision, { revision, at, ...readEvents(some, entries) })
    }
  }

  const watch = async (url: string): Promise<void> => {
    let next = 1
    while (!closing.signal.aborted) {
      try {
        for await (const line of linesOf(url, prefix, next, closing.signal)) {
          const events = (JSON.parse(line) as Message).result?.events ?? []
          take(events)
          next = Math.max(next, ...events.map((event) => revisionOf(event) + 1))
        }
      } catch {
        // It has been killed, or all is over.
      }
      await setTimeout(againMs)
    }
  }
  for (const { url } of cluster.members) void watch(url)

  return {
    revisions: () => [...known.values()].sort((a, b) => a.revision - b.revision),
    async caughtUp() {
      const key = base64(`${prefix}/servers.caught-up`)
      const { header } = (await cluster.call('/v3/kv/put', { key })) as { header: { revision: string } }
      while (!known.has(Number(header.revision))) await setTimeout(againMs)
    },
    close: () => closing.abort(),
  }
}

/** What one member tells of the registry from a revision on, for as long as it does. */
async function* linesOf(
  url: string,
  prefix: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const range = { key: base64(`${prefix}/servers.`), range_end: base64(`${prefix}/servers0`) }
  const body = JSON.stringify({ create_request: { ...range, start_revision: String(from) } })
  const { body: answer } = await fetch(`${url}/v3/watch`, { method: 'POST', body, signal })
  let rest = ''
  for await (const chunk of answer?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
}

function readEvents(events: readonly StoreEvent[], entries: string): Omit<StoreRevision, 'revision' | 'at'> {
  const puts = new Map<string, StoredEntry>()
  const deletes: string[] = []
  const reasons = new Map<string, string>()
  for (const { type, kv } of events) {
    const key = text(kv.key)
    const id = key.startsWith(entries) ? key.slice(entries.length) : undefined
    if (type === 'DELETE') {
      if (id !== undefined) deletes.push(id)
      continue
    }
    if (!text(kv.value).startsWith('{')) continue // the epoch
    const value = JSON.parse(text(kv.value)) as { instance: string; reason: string; meta?: { run: string } }
    if (id === undefined) reasons.set(value.instance, value.reason)
    else puts.set(id, { run: String(value.meta?.run), instance: value.instance })
  }
  return { puts, deletes, reasons }
}
