/**
 * Whether an upgrade is the opening handshake of a WebSocket (RFC 6455, section 4.2.1). Who may come in is the guard's
 * affair, and has been asked before.
 */
import type { RequestHeaders } from './guard.js'
import type { Refusal } from './refusals.js'

/** Why an upgrade is no handshake of version 13; undefined when it is one. */
export function refusedHandshake(method: string | undefined, headers: RequestHeaders): Refusal | undefined {
  const { upgrade, 'sec-websocket-version': version, 'sec-websocket-key': key } = headers
  if (method !== 'GET') return broken('it is not a GET')
  if (String(upgrade).toLowerCase() !== 'websocket') return broken('its Upgrade is not "websocket"')
  if (version !== '13') return broken('its Sec-WebSocket-Version is not 13')
  if (!keyPattern.test(String(key))) return broken('its Sec-WebSocket-Key is not 16 bytes in base64')
  return undefined
}

const keyPattern = /^[+/0-9A-Za-z]{22}==$/

function broken(why: string): Refusal {
  const message = `This upgrade is no WebSocket handshake: ${why}. Connect with a WebSocket library.`
  return { code: 'BAD_REQUEST', message }
}
