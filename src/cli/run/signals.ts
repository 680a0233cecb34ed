/**
 * Where the signals of this process go: to the command that runs, or to this process itself while none does.
 */
import { type HandedOn, isCrash, isRestTold, mayEnd } from './crash.js'
import { passSignals } from './pass-signals.js'
import type { Outcome } from './start-command.js'

export interface Signals {
  /** Says which command gets those that come from now on. `beforeEnd` is called before one that may end it. */
  goTo(pid: number, beforeEnd: () => void): void
  /** Keeps those that come from now on. */
  stay(): void
  /** Aborted, with the signal as its reason, by one that asks to end while no command gets it. */
  readonly interruption: AbortSignal & { readonly reason: NodeJS.Signals }
  /** Whether the last command, if it has ended so just now, has crashed. */
  isCrash(outcome: Outcome): boolean
  /** Whether what it has left running was told to end with it. */
  isRestTold(): boolean
  close(): void
}

export function createSignals(): Signals {
  const interruption = new AbortController()
  let target: { readonly pid: number; beforeEnd(): void } | undefined
  let handedOn: readonly HandedOn[] = []
  const close = passSignals(
    () => target?.pid,
    (signal, isForAll) => {
      if (target === undefined) {
        if (mayEnd(signal)) interruption.abort(signal)
        return
      }
      handedOn = [...handedOn, { signal, isForAll, at: performance.now() }]
      if (mayEnd(signal)) target.beforeEnd()
    },
  )
  return {
    goTo(pid, beforeEnd) {
      handedOn = []
      target = { pid, beforeEnd }
    },
    stay() {
      target = undefined
    },
    interruption: interruption.signal,
    isCrash: (outcome) => isCrash(outcome, handedOn, performance.now()),
    isRestTold: () => isRestTold(handedOn, performance.now()),
    close,
  }
}
