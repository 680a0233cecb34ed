/**
 * Ends the process of a server: asks it to, and does not wait for ever.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Entry } from '../../core/index.js'
import { isOfThisMachine, isRunning } from '../../registry/index.js'

/** How long it has to end by itself. */
const patienceMs = 5000

/** How often is looked whether it has. */
const lookMs = 20

/** Resolves to whether it has ended. Never signals a process that has got the pid of one that has exited, or one of another machine. */
export async function endProcess(entry: Entry): Promise<boolean> {
  if (!isOfThisMachine(entry)) return false
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isRunning(entry)) return true
    try {
      process.kill(entry.pid, signal)
    } catch {
      return !isRunning(entry) // it has just ended, or is another user's
    }
    for (const start = performance.now(); performance.now() - start < patienceMs; await pause(lookMs))
      if (!isRunning(entry)) return true
  }
  return false
}
