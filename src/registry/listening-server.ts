/**
 * Reads where a server that some other library made is listening: an `http.Server`, a `net.Server` or a
 * `WebSocketServer` of `ws`, or anything of their shape.
 */
import { asWsyardError, type OnWarning, WsyardError } from '../core/index.js'
import type { Registration } from './registry.js'

/** What all of them have in common. */
export interface ListeningServer {
  /** An object once it listens on a port; null before, and a path for a pipe. */
  address(): { readonly port: number; readonly address: string } | string | null
  once(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
}

/**
 * The port and the address that a server listens on.
 *
 * @throws {WsyardError} `WSYARD_ERR_ENTRY_INVALID` when it listens on no TCP port.
 */
export function portOf(server: ListeningServer): { port: number; host: string } {
  const address = addressOf(server)
  if (typeof address === 'object' && address !== null) return { port: address.port, host: address.address }
  const [problem, next] =
    typeof address === 'string'
      ? [`it listens on the path "${address}"`, 'Let it listen on a TCP port.']
      : ['it does not listen yet', "Register it after its 'listening' event."]
  throw new WsyardError('WSYARD_ERR_ENTRY_INVALID', `Cannot register the server: ${problem}. ${next}`)
}

/** A `WebSocketServer` without a server of its own throws when it is asked. */
function addressOf(server: ListeningServer): ReturnType<ListeningServer['address']> {
  try {
    return server.address()
  } catch (cause) {
    const message =
      'Cannot register the server: it has no port of its own. Register the HTTP server that it is attached to.'
    throw new WsyardError('WSYARD_ERR_ENTRY_INVALID', message, { cause })
  }
}

export function isListeningServer(value: unknown): value is ListeningServer {
  return (
    typeof value === 'object' && value !== null && 'address' in value && typeof value.address === 'function'
  )
}

/**
 * Registers a server, and deregisters it when it closes.
 *
 * @param register is given what to call when the registration ends in another way.
 */
export async function untilItCloses(
  server: ListeningServer,
  register: (onEnd: () => void) => Promise<Registration>,
  onWarning: OnWarning,
): Promise<Registration> {
  let hasClosed = false
  let registration: Registration | undefined
  const onClose = (): void => {
    hasClosed = true
    registration?.close().catch((error) => onWarning(asWsyardError(error)))
  }
  server.once('close', onClose)
  const forget = (): void => void server.off('close', onClose)
  try {
    registration = await register(forget)
  } catch (error) {
    forget()
    throw error
  }
  if (hasClosed) await registration.close()
  return registration
}
