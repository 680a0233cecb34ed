/**
 * Which member of a cluster is asked: one, for as long as it does what it is asked, and then the next.
 */

export interface Members {
  current(): string
  /** Goes on to the next one, if this one is still the current. */
  leave(endpoint: string): void
}

/** Clients begin at different ones, so that no member has them all. */
export function createMembers(endpoints: readonly string[], chance: number = Math.random()): Members {
  let position = Math.floor(chance * endpoints.length)
  const current = (): string => endpoints[position] ?? ''
  return {
    current,
    leave(endpoint) {
      if (endpoint === current()) position = (position + 1) % endpoints.length
    },
  }
}
