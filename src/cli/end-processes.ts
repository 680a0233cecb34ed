/**
 * Ends processes: asks them to, and does not wait for ever.
 */
import { setTimeout as pause } from 'node:timers/promises'

/** How long they have to end by themselves, and the system to end what was killed. */
const patienceMs = 5000

/** How often is looked whether they have. */
const lookMs = 20

export interface EndOptions {
  /** Whether they know already that they are to end, and are to be left in peace for so long first. @default false */
  readonly isTold?: boolean
  /** Cuts their time short. */
  readonly hurry?: AbortSignal
}

/**
 * Sends SIGTERM, and after five seconds SIGKILL. Resolves to whether all have ended.
 *
 * @param rest the pids of those that run still
 */
export async function endProcesses(
  rest: () => readonly number[],
  { isTold = false, hurry }: EndOptions = {},
): Promise<boolean> {
  for (const signal of [...(isTold ? (['none'] as const) : []), 'SIGTERM', 'SIGKILL'] as const) {
    const isLast = signal === 'SIGKILL'
    const isHurried = (): boolean => !isLast && hurry?.aborted === true
    if (signal !== 'none' && !isHurried() && !send(signal, rest())) break // of what is left nothing is ours
    for (const start = performance.now(); performance.now() - start < patienceMs && !isHurried(); ) {
      const left = rest()
      if (left.length === 0) return true
      if (isLast) send(signal, left) // what has been brought forth meanwhile as well
      await pause(lookMs)
    }
  }
  return rest().length === 0
}

/** Returns whether any of them could be sent it: some have ended just now, and some are another user's, as what `sudo` starts. */
function send(signal: NodeJS.Signals, pids: readonly number[]): boolean {
  return pids.filter((pid) => sendOne(signal, pid)).length > 0
}

function sendOne(signal: NodeJS.Signals, pid: number): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
