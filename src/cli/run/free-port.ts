/**
 * Finds a port that nobody has, for a command to take. It is free until somebody takes it.
 */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { reasonOf, WsyardError } from '../../core/index.js'

/** Systems give higher ones to whoever takes any, as each connection does: it might come before the command (`ip_local_port_range`). */
const [lowest, highest] = [20_000, 32_767] as const

/** More than are ever taken in a row, where any is free. */
const maxTries = 100

/** @throws {WsyardError} `WSYARD_ERR_LISTEN_FAILED` when the system has none. */
export async function freePort(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = randomInt(lowest, highest + 1)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
      server.close()
      await once(server, 'close')
      return port
    } catch (error) {
      if (tries < maxTries) continue
      const message = `The system gave no free port: ${reasonOf(error)}. Leave it out: --no-port.`
      throw new WsyardError('WSYARD_ERR_LISTEN_FAILED', message, { cause: error })
    }
  }
}
