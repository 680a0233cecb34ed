/**
 * Finds out who listens at a port, and at which address: that of the process itself, as two programs may have one port at two addresses.
 */
import { WsyardError } from '../../core/index.js'
import { isListeningAt, type Listener, listenerAt, processFamilies } from '../../registry/index.js'
import { acceptingAddress } from '../dial-port.js'

/** Which is meant where several listen at a port: whom `127.0.0.1` leads to, before whom one has to ask for. */
const preferred = ['127.0.0.1', '0.0.0.0', '::', '::1']

/** What is on this machine accepts at once, or not at all. */
const patienceMs = 1000

/**
 * @param pid of the process that is meant, if it is known
 * @throws {WsyardError} `WSYARD_ERR_SERVER_UNREACHABLE` where nothing listens, or not that process;
 *   `WSYARD_ERR_SERVER_NOT_FOUND` where the system does not say who does.
 */
export async function findListener(port: number, pid: number | undefined): Promise<Listener> {
  const listeners = ((await processFamilies())?.ownListeners?.() ?? [])
    .filter((one) => one.port === port)
    .sort((a, b) => rankOf(a) - rankOf(b))
  const own = listeners.find((one) => pid === undefined || one.pid === pid)
  if (own !== undefined) return own

  // A worker of a cluster, another user's process, or a system that does not say.
  const host = await acceptingAddress(port, AbortSignal.timeout(patienceMs))
  if (host === undefined)
    throw unreachable(
      `Nothing listens at port ${port} of this machine. Start the server first, or let "wsyard run" start it.`,
    )
  const found = pid ?? listenerAt(port)
  if (found === undefined) {
    const message = `The system does not say which process listens at port ${port}: it may be another user's. Name it by --pid.`
    throw new WsyardError('WSYARD_ERR_SERVER_NOT_FOUND', message)
  }
  if (isListeningAt({ pid: found, host, port }) === false) {
    const other = listenerAt(port)
    const who = other === undefined ? '' : `, but process ${other}`
    throw unreachable(
      `It is not process ${found} that listens at port ${port}${who}. Leave out --pid, or name the right one.`,
    )
  }
  return { pid: found, host, port }
}

function rankOf({ host }: Listener): number {
  const place = preferred.indexOf(host)
  return place === -1 ? preferred.length : place
}

function unreachable(message: string): WsyardError {
  return new WsyardError('WSYARD_ERR_SERVER_UNREACHABLE', message)
}
