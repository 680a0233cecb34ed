/**
 * Named steps that run once, a little later, however often they are asked for meanwhile.
 */

export interface Timers {
  /** Runs a step later; asking again under the same name before then changes nothing. */
  soon(name: string, ms: number, step: () => void): void
  /** Cancels what has not run, and takes no more. */
  close(): void
}

export function createTimers(): Timers {
  const timers = new Map<string, NodeJS.Timeout>()
  let closed = false

  return {
    soon(name, ms, step) {
      if (closed || timers.has(name)) return
      const run = (): void => {
        timers.delete(name)
        step()
      }
      timers.set(name, setTimeout(run, ms))
    },
    close() {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}
