/**
 * Whether what is on record still runs: programs that are killed leave their records behind.
 */
import { isLoopbackHost, isWildcardHost } from '../../core/index.js'
import { acceptingAddress } from '../dial-port.js'

/** Where a record says that a server is. */
export interface Whereabouts {
  readonly port: number
  readonly host?: string | undefined
  readonly pid?: number | undefined
}

/**
 * Whether its process runs, if it names one, and something accepts connections at its port. Nothing but loopback is dialled: for a server at
 * another address its process alone must do.
 */
export async function isAlive({ port, host, pid }: Whereabouts, signal: AbortSignal): Promise<boolean> {
  if (pid !== undefined && !isRunning(pid)) return false
  if (host !== undefined && !isLoopbackHost(host) && !isWildcardHost(host)) return pid !== undefined
  return accepts(port, signal)
}

/** Whether a process has this pid now. EPERM means that it lives and is another user's. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Whether something listens at either loopback address. */
export async function accepts(port: number, signal: AbortSignal): Promise<boolean> {
  return (await acceptingAddress(port, signal)) !== undefined
}
