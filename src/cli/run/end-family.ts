/**
 * Ends what a command has left running when it ended itself.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Families, FamilyMember } from '../../registry/index.js'
import { signalGroup, signalProcess } from './start-command.js'

/** How long it has to end by itself once it was told to. */
const patienceMs = 5000

/** How long the system may take to end what was killed. */
const killMs = 1000

/** How often it is looked whether it has. */
const lookMs = 20

/** Ends the rest of the session that `leader` has led: asks, and after five seconds kills. */
export async function endFamily(leader: number, familyOf: Families['familyOf']): Promise<void> {
  const rest = (): readonly FamilyMember[] => familyOf(leader)
  if (await endBy('SIGTERM', leader, rest, patienceMs)) return
  await endBy('SIGKILL', leader, rest, killMs)
}

/** Resolves to whether all have ended. */
async function endBy(
  signal: NodeJS.Signals,
  leader: number,
  rest: () => readonly FamilyMember[],
  limitMs: number,
): Promise<boolean> {
  const members = rest()
  if (members.length === 0) return true
  signalGroup(leader, signal)
  for (const { pid, group } of members) if (group !== leader) signalProcess(pid, signal)
  const end = performance.now() + limitMs
  while (performance.now() < end) {
    await pause(lookMs)
    if (rest().length === 0) return true
  }
  return false
}
