/**
 * Reaches the process that registered a server, or says why it cannot be. What is said to it is the caller's affair.
 */
import { type Entry, reasonOf, WsyardError } from '../../core/index.js'
import { isWithinReach, networksOf, type Reached, reach } from '../../registry/index.js'
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
    throw unreachable(
      server,
      `is not dialled at ${host}: it is not of this machine, nor in a network of WSYARD_NETWORKS. Connect from where it runs, or add its network.`,
    )
  const reached = await reach(server, signal, networks).catch((cause: unknown) => {
    throw unreachable(server, `cannot be reached: ${harmlessLine(reasonOf(cause))}.`, cause)
  })
  if (reached !== undefined) return reached
  throw unreachable(
    server,
    `is not the registered process ${pid} any more: another one listens there, and was sent nothing. Restart the server.`,
  )
}

/** @param message goes on after the server's name, id and port */
export function unreachable(server: Entry, message: string, cause?: unknown): WsyardError {
  const what = `The server ${describeServer(server)} at port ${server.port}`
  return new WsyardError('WSYARD_ERR_SERVER_UNREACHABLE', `${what} ${message}`, { id: server.id, cause })
}
