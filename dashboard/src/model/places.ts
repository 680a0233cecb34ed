/**
 * Which servers the page is connected to: all that nobody has disconnected, as far as a browser can hold that many.
 */
import type { LiteClient } from 'wsyard/client'
import { createStore, type Readable } from '../parts/store.js'

/**
 * Chromium, which alone has `userAgentData`, holds 255 WebSockets for a page and its like, Firefox and WebKit 200 for all their pages: some are
 * left for the hub, for what a person asks for, and for other pages.
 */
export const maxPlaces = 'userAgentData' in navigator ? 240 : 180

export interface Places {
  /** The ids of the servers that the page connects to. */
  readonly held: Readable<ReadonlySet<string>>
  /** Whether somebody has disconnected it. */
  isLeft(id: string): boolean
  connect(id: string): void
  disconnect(id: string): void
  /** Connects at once to those that would be tried again later. */
  retry(): void
}

export function createPlaces(client: LiteClient): Places {
  const held = createStore<ReadonlySet<string>>(new Set())
  /** Those that somebody has disconnected. */
  const left = new Set<string>()

  const change = (next: ReadonlySet<string>): void => {
    held.set(next)
    client.connectAll({ filter: ({ id }) => held.value.has(id) })
  }
  const withNext = (places: Set<string>): Set<string> => {
    for (const { id } of client.servers) {
      if (places.size >= maxPlaces) break
      if (!left.has(id)) places.add(id)
    }
    return places
  }
  // What comes and goes with one message of the hub has been told before the client asks whom to connect to.
  client.on('added', ({ id }) => {
    if (held.value.size < maxPlaces && !left.has(id)) held.set(new Set(held.value).add(id))
  })
  client.on('removed', ({ id }) => {
    left.delete(id)
    const rest = new Set(held.value)
    if (rest.delete(id)) held.set(withNext(rest))
  })
  change(withNext(new Set()))
  return {
    held,
    isLeft: (id) => left.has(id),
    connect(id) {
      left.delete(id)
      change(new Set(held.value).add(id))
    },
    disconnect(id) {
      left.add(id)
      const rest = new Set(held.value)
      rest.delete(id)
      change(withNext(rest))
    },
    retry() {
      client.connectAll({ filter: ({ connection }) => connection === 'connected' })
      change(held.value)
    },
  }
}
