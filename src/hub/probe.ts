/**
 * `GET /api/registry?probe=<id or name>`: how long a server takes to answer (`PROTOCOL.md`, "Probe"). However many pages ask, a server is
 * asked once a second at most, and one that is not wsyard's never: it may log each question as an error.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Entry, isManaged, notFound } from '../core/index.js'
import { isOfThisMachine, roundTrip } from '../registry/index.js'
import { refuse } from './answers.js'
import { baseHeaders } from './snapshot.js'
import type { HubView } from './view.js'

export interface Prober {
  /** Answers a request that is welcome. */
  handle(request: IncomingMessage, response: ServerResponse, key: string): void
}

/** An answer is good for so long, in milliseconds. */
const goodMs = 1000

/** A server of this machine answers in milliseconds; one that takes this long has not. */
const patienceMs = 2000

interface Asked {
  /** Endless while it has no answer. */
  goodUntil: number
  readonly roundTripMs: Promise<number | null>
}

export function createProber(view: HubView, origins: readonly string[]): Prober {
  const asked = new Map<string, Asked>()

  const ask = (entry: Entry): Promise<number | null> => {
    for (const [id, { goodUntil }] of asked) if (goodUntil < performance.now()) asked.delete(id)
    const last = asked.get(entry.id)
    if (last !== undefined) return last.roundTripMs
    const roundTripMs = roundTrip(entry, patienceMs).then((ms) => {
      question.goodUntil = performance.now() + goodMs
      return ms === undefined ? null : Math.round(ms * 100) / 100
    })
    const question: Asked = { goodUntil: Number.POSITIVE_INFINITY, roundTripMs }
    asked.set(entry.id, question)
    return roundTripMs
  }
  const answer = async (request: IncomingMessage, response: ServerResponse, key: string): Promise<void> => {
    const headers = { ...baseHeaders(request.headers.origin, origins), 'cache-control': 'no-store' }
    const entry = view.find(key)
    if (entry === undefined) return refuse(response, notFound(view.entries, key), headers)
    const isAsked = isManaged(entry) && isOfThisMachine(entry)
    const body = JSON.stringify({ id: entry.id, roundTripMs: isAsked ? await ask(entry) : null })
    response.writeHead(200, { ...headers, 'content-type': 'application/json; charset=utf-8' })
    response.end(body)
  }
  return {
    handle: (request, response, key) => view.whenReady(() => void answer(request, response, key)),
  }
}
