/**
 * Says each thing once a minute at most: causes that stand are met again at every look.
 */
import type { OnWarning } from '../core/index.js'

const repeatMs = 60_000

export function warnOnce(onWarning: OnWarning): OnWarning {
  const saidAt = new Map<string, number>()
  return (warning) => {
    const now = performance.now()
    for (const [message, time] of saidAt) if (now - time > repeatMs) saidAt.delete(message)
    if (saidAt.has(warning.message)) return
    saidAt.set(warning.message, now)
    onWarning(warning)
  }
}
