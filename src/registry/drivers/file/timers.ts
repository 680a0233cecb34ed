/**
 * Named steps that run once, a little later, however often they are asked for meanwhile.
 */

export interface Timers {
  /** Runs a step later; asking again under the same name before then changes nothing. */
  soon(name: string, ms: number, step: () => void): void
  /** Runs a step when it has not been asked for during `quietMs`, or `maxMs` after it was first asked for. */
  whenQuiet(name: string, quietMs: number, maxMs: number, step: () => void): void
  /** Cancels what has not run, and takes no more. */
  close(): void
}

export function createTimers(): Timers {
  const timers = new Map<string, NodeJS.Timeout>()
  const deadlines = new Map<string, number>()
  let closed = false

  const start = (name: string, ms: number, step: () => void): void => {
    const run = (): void => {
      timers.delete(name)
      deadlines.delete(name)
      step()
    }
    timers.set(name, setTimeout(run, ms))
  }

  return {
    soon(name, ms, step) {
      if (!closed && !timers.has(name)) start(name, ms, step)
    },
    whenQuiet(name, quietMs, maxMs, step) {
      if (closed) return
      const now = performance.now()
      const deadline = deadlines.get(name) ?? now + maxMs
      deadlines.set(name, deadline)
      clearTimeout(timers.get(name))
      start(name, Math.max(0, Math.min(quietMs, deadline - now)), step)
    },
    close() {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}
