/**
 * Waits until something is so, for as long as a call may wait. Whoever makes it so calls `wake`.
 */

export interface Waiters {
  /** Has everyone who waits look again. */
  wake(): void
  /** Resolves when it is so, the time is up, or the signal aborts. */
  until(isSo: () => boolean, waitMs: number, signal: AbortSignal): Promise<void>
}

export function createWaiters(): Waiters {
  const waiting = new Set<() => void>()
  return {
    wake() {
      for (const look of [...waiting]) look()
    },
    until(isSo, waitMs, signal) {
      if (isSo() || waitMs === 0 || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          waiting.delete(look)
          signal.removeEventListener('abort', end)
          resolve()
        }
        const look = (): void => {
          if (isSo()) end()
        }
        const timer = setTimeout(end, waitMs)
        waiting.add(look)
        signal.addEventListener('abort', end)
      })
    },
  }
}
