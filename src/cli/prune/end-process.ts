/**
 * Ends the process of a server.
 */
import type { Entry } from '../../core/index.js'
import { isOfThisMachine, isRunning } from '../../registry/index.js'
import { endProcesses } from '../end-processes.js'

/**
 * Resolves to whether it has ended. Never signals a process that has got the pid of one that has exited, or one of another machine.
 *
 * @param entry of this machine's own registry: in another, anybody who writes to it may have named any process
 */
export async function endProcess(entry: Entry): Promise<boolean> {
  return isOfThisMachine(entry) && endProcesses(() => (isRunning(entry) ? [entry.pid] : []))
}
