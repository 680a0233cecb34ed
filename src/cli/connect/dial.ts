/**
 * Reaches the process that registered a server, or says why it cannot be. What is said to it is the caller's affair.
 */
import { type Entry, reasonOf, WsyardError } from '../../core/index.js'
import {
  isWithinReach,
  networkOf,
  networksOf,
  type Reached,
  reach,
  sharesLoopback,
} from '../../registry/index.js'
import { describeServer } from '../text/describe-server.js'
import { harmlessLine } from '../text/format-message.js'

/**
 * Resolves to a connection to it.
 *
 * @throws {WsyardError} `WSYARD_ERR_SERVER_UNREACHABLE`.
 */
export async function dial(server: Entry, signal: AbortSignal): Promise<Reached> {
  const { host = 'localhost', pid } = server
  const networks = networksOf(undefined, 'WSYARD_NETWORKS')
  if (!isWithinReach(server, networks))
    throw unreachable(server, `is not dialled at ${host}: ${whyNotWithinReach(server)}`)
  const reached = await reach(server, signal, networks).catch((cause: unknown) => {
    throw unreachable(server, `cannot be reached: ${harmlessLine(reasonOf(cause))}.`, cause)
  })
  if (reached !== undefined) return reached
  throw unreachable(
    server,
    `is not the registered process ${pid} any more: another one listens there, and was sent nothing. Restart the server.`,
  )
}

function whyNotWithinReach(server: Entry): string {
  const network = networkOf(server)
  if (network !== undefined)
    return `it is not of this machine, nor in a network of WSYARD_NETWORKS. Connect from where it runs, or add its network, as ${network}.`
  if (!sharesLoopback(server))
    return 'it is of another machine and gives no address for others, as one that listens on loopback there. Connect from there or through its hub, or give it a host that is more than loopback.'
  return 'it is not of this machine. Connect from where it runs.'
}

/** @param message goes on after the server's name, id and port */
export function unreachable(server: Entry, message: string, cause?: unknown): WsyardError {
  const what = `The server ${describeServer(server)} at port ${server.port}`
  return new WsyardError('WSYARD_ERR_SERVER_UNREACHABLE', `${what} ${message}`, { id: server.id, cause })
}
