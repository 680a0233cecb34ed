/**
 * How a WebSocket brings the token of a hub. A page that came from the hub itself has a session in its place, which the browser brings.
 */
import { plainProtocol } from '../core/index.js'

/** The subprotocols by which a WebSocket brings it. */
export function hubProtocols(token: string | undefined): string[] {
  return token ? [plainProtocol, `wsyard.bearer.${token}`] : []
}
