/**
 * On whose behalf a server runs: a process that is named once and for all, by its pid and its start.
 */
import { defined, type Owner, WsyardError } from '../core/index.js'
import { isPidTaken, startOf } from './process-facts.js'

/**
 * A process of this machine as the owner of a server.
 *
 * @throws {WsyardError} `WSYARD_ERR_ENTRY_INVALID` when no process has this pid.
 */
export function ownerOf(pid: number): Owner {
  checkPid(pid, 'Give that of the owner, or leave it out if there is none')
  return { pid, ...defined({ processStart: startOf(pid) }) }
}

/**
 * @param cure what to do if there is none, to go on with a dot
 * @throws {WsyardError} `WSYARD_ERR_ENTRY_INVALID` when no process of this machine has this pid.
 */
export function checkPid(pid: number, cure: string): void {
  if (Number.isInteger(pid) && pid > 0 && isPidTaken(pid)) return
  throw new WsyardError(
    'WSYARD_ERR_ENTRY_INVALID',
    `Cannot register: no process has the pid ${pid}. ${cure}.`,
  )
}
