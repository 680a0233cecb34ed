/**
 * Finds a port that nobody has, for a command to take. It is free until somebody takes it.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { WsyardError } from '../../core/index.js'

/** @throws {WsyardError} `WSYARD_ERR_LISTEN_FAILED` when the system has none. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address !== null && typeof address === 'object') return address.port
  throw new WsyardError('WSYARD_ERR_LISTEN_FAILED', 'The system gave no free port. Leave it out: --no-port.')
}
