/**
 * How long each server takes to answer, as the hub measures it: one after the other, and only while somebody looks.
 */
import type { LiteClient } from 'wsyard/client'
import { createStore, type Readable } from '../parts/store.js'

/** The last ones of a server in milliseconds, the newest last; undefined where there was no answer. */
export type RoundTrips = readonly (number | undefined)[]

/** How many are kept of each. */
const kept = 30

/** A server is asked again after this, in milliseconds; later where there are many. */
const everyMs = 2000

/** However many servers there are, one is asked each so many milliseconds. */
const betweenMs = 100

/** How many may be waited for at once: a silent one holds its place for two seconds. */
const maxAsking = 8

/** By id. Starts at once, and asks for as long as the client is open. */
export function followRoundTrips(client: LiteClient): Readable<ReadonlyMap<string, RoundTrips>> {
  const all = createStore<ReadonlyMap<string, RoundTrips>>(new Map())
  const askedAt = new Map<string, number>()
  let asking = 0

  const ask = async (id: string): Promise<void> => {
    asking += 1
    const roundTripMs = await client.probe(id)
    asking -= 1
    if (!askedAt.has(id)) return // it has gone meanwhile
    all.set(new Map(all.value).set(id, [...(all.value.get(id) ?? []), roundTripMs].slice(-kept)))
  }
  const timer = setInterval(() => {
    if (asking >= maxAsking || document.hidden || client.status === 'lost') return
    const now = performance.now()
    let next: string | undefined
    let nextAskedAt = now - everyMs
    for (const { id, instance } of client.servers) {
      // Programs that have nothing to do with wsyard may log each question as an error.
      const last = instance === undefined ? now : (askedAt.get(id) ?? Number.NEGATIVE_INFINITY)
      if (last >= nextAskedAt) continue
      next = id
      nextAskedAt = last
    }
    if (next === undefined) return
    askedAt.set(next, now)
    void ask(next)
  }, betweenMs)
  client.on('removed', ({ id }) => {
    askedAt.delete(id)
    if (!all.value.has(id)) return
    const rest = new Map(all.value)
    rest.delete(id)
    all.set(rest)
  })
  client.on('close', () => clearInterval(timer))
  return all
}
