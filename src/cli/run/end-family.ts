/**
 * Ends what a command has left running when it ended itself, and tells of it.
 */
import type { FamilyMember } from '../../registry/index.js'
import { type EndOptions, endProcesses } from '../end-processes.js'
import type { Tell } from './run-event.js'

/** @param familyOf what runs still of it */
export async function endFamily(
  familyOf: () => readonly FamilyMember[],
  tell: Tell,
  options: Required<EndOptions>,
): Promise<void> {
  const rest = (): number[] => familyOf().map(({ pid }) => pid)
  const pids = rest()
  if (pids.length === 0) return
  tell({ type: 'ending-rest', pids, isTold: options.isTold })
  await endProcesses(rest, options)
  tell({ type: 'rest-ended', pids: rest() })
}
