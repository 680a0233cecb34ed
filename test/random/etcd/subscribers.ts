/**
 * Some tens of pages that follow a hub by its push socket in a random run: they come, go, and ask to go on where they were or to begin
 * anew. What they were told is judged by the six properties of `push-history.ts`.
 */
import { once, setMaxListeners } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { createPushClient } from '../../support/push-client.js'
import type { Connection } from '../../support/push-history.js'
import { type SeededRandom, seededRandom } from '../../support/seeded-random.js'

export interface Subscribers {
  /** Lets all of them stay: each is connected from then on. */
  settle(): Promise<void>
  /** The ids that each one sees. */
  views(): string[][]
  /** The connections of each, one after the other. */
  history(): Connection[][]
  /** What was wrong with what one of them was sent. */
  complaints(): string[]
  close(): void
}

const longestStayMs = 4000
const longestPauseMs = 1500

/** This part of those that come back begins anew. */
const anewPart = 0.2

export function createSubscribers(url: string, count: number, seed: number): Subscribers {
  const settling = new AbortController()
  setMaxListeners(count + 1, settling.signal)
  const all = Array.from({ length: count }, (_, position) =>
    createSubscriber(url, seededRandom(seed * 1000 + position)),
  )
  const running = all.map((subscriber) => subscriber.comeAndGo(settling.signal))
  return {
    async settle() {
      settling.abort()
      await Promise.all(running)
    },
    views: () => all.map(({ client }) => client.ids()),
    history: () => all.map(({ connections }) => connections()),
    complaints: () =>
      all.flatMap(({ client }, position) =>
        client.complaints.map((what) => `subscriber ${position}: ${what}`),
      ),
    close: () => {
      for (const { client } of all) client.socket.terminate()
    },
  }
}

function createSubscriber(url: string, random: SeededRandom) {
  const client = createPushClient(() => url)
  /** Where each connection begins among the messages, and from which point. */
  const starts: { readonly at: number; readonly from: Connection['from'] }[] = []

  const connect = async (): Promise<void> => {
    const way = random.next() < anewPart ? 'anew' : 'there'
    starts.push({ at: client.messages.length, from: way === 'there' ? client.last : undefined })
    await client.connect(way)
  }
  return {
    client,
    async comeAndGo(settling: AbortSignal): Promise<void> {
      const pause = (ms: number): Promise<unknown> =>
        setTimeout(ms, undefined, { signal: settling }).catch(() => {})
      await pause(random.below(longestPauseMs))
      for (;;) {
        await connect()
        if (client.messages.length === 0) await once(client.socket, 'message')
        await pause(random.below(longestStayMs))
        if (settling.aborted) return
        await client.drop()
        await pause(random.below(longestPauseMs))
      }
    },
    connections: (): Connection[] =>
      starts.map(({ at, from }, position) => ({
        from,
        messages: client.messages.slice(at, starts[position + 1]?.at),
      })),
  }
}
