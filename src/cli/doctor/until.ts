/**
 * Waits for something that others bring about.
 */
import { setTimeout as pause } from 'node:timers/promises'

const lookMs = 50

/** Resolves to true once it is so, and to false when it has not come within this time. */
export async function until(isSo: () => Promise<boolean> | boolean, patienceMs: number): Promise<boolean> {
  for (const start = performance.now(); ; await pause(lookMs)) {
    if (await isSo()) return true
    if (performance.now() - start > patienceMs) return false
  }
}
