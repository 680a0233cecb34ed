/**
 * How many messages each server sends and gets, in all and in the last second.
 */
import { createStore, type Readable } from '../parts/store.js'

export interface Flow {
  readonly received: number
  readonly sent: number
  /** In the last second. */
  readonly receivedPerSecond: number
  readonly sentPerSecond: number
}

export interface Traffic {
  /** By id. A new map each second in which something has changed. */
  readonly flows: Readable<ReadonlyMap<string, Flow>>
  received(id: string): void
  sent(id: string): void
  forget(id: string): void
  /** To be called each second. */
  tick(): void
}

interface Counter {
  received: number
  sent: number
}

export const stillness: Flow = { received: 0, sent: 0, receivedPerSecond: 0, sentPerSecond: 0 }

export function createTraffic(): Traffic {
  const counters = new Map<string, Counter>()
  const flows = createStore<ReadonlyMap<string, Flow>>(new Map())

  const counterOf = (id: string): Counter => {
    const present = counters.get(id)
    if (present !== undefined) return present
    const counter = { received: 0, sent: 0 }
    counters.set(id, counter)
    return counter
  }
  return {
    flows,
    received(id) {
      counterOf(id).received += 1
    },
    sent(id) {
      counterOf(id).sent += 1
    },
    forget(id) {
      counters.delete(id)
    },
    tick() {
      let isChanged = flows.value.size !== counters.size
      const next = new Map<string, Flow>()
      for (const [id, { received, sent }] of counters) {
        const before = flows.value.get(id) ?? stillness
        const receivedPerSecond = received - before.received
        const sentPerSecond = sent - before.sent
        const isSame =
          receivedPerSecond === before.receivedPerSecond && sentPerSecond === before.sentPerSecond
        // One that flows evenly still has new totals.
        const flow =
          isSame && receivedPerSecond + sentPerSecond === 0
            ? before
            : { received, sent, receivedPerSecond, sentPerSecond }
        if (flow !== before) isChanged = true
        next.set(id, flow)
      }
      if (isChanged) flows.set(next)
    },
  }
}
