/**
 * Where a page dials a server: straight at its port, or through the hub.
 */
import { isLoopbackHost, isWildcardHost, pathOf, type SnapshotServer } from '../core/index.js'
import { hubProtocols } from './hub-token.js'

/** Where WebSockets go: straight to a server's port, through the hub, or whichever serves best. */
export type Transport = 'auto' | 'direct' | 'relay'

/** Which way a connection goes: straight to the server's port, or through the hub. */
export type ServerTransport = Exclude<Transport, 'auto'>

/** What the page itself contributes to the decision. */
export interface DialFrom {
  /** Where the hub has its registry, as `http://localhost:5173/api/registry`. */
  readonly url: string
  /** What the hub asks for, if it does. */
  readonly token: string | undefined
  /** Whether the hub is on this machine. A page that came from elsewhere has another machine's ports for its own. */
  readonly isHubHere: boolean
  /** Whether nothing answers in the hub's place: then no way leads through it. */
  isHubAway: boolean
  /** Becomes `'relay'` where the first way has failed and another one worked. */
  transport: Transport
}

/** One way to a server. */
export interface Way {
  readonly url: string
  /** The subprotocols to offer besides one's own: none, or those that carry the hub's token. */
  readonly protocols: readonly string[]
  readonly transport: ServerTransport
}

/**
 * The ways to try, one after the other. With `auto`: straight to the port when the server is open and on this machine, and so
 * is the page; then through the hub, which knows the tokens, and whose port alone may be forwarded. Decides on nothing but
 * the entry and the hub's own address, so that a hostile entry names no other host.
 *
 * @param path to ask the server for: a path, only a query for the entry's own path, or nothing for that as it stands
 */
export function waysTo(
  server: SnapshotServer,
  { url, token, isHubHere, isHubAway, transport }: DialFrom,
  path = '',
): Way[] {
  const { id, host = 'localhost', port, auth } = server
  const target = isWildcardHost(host) ? 'localhost' : host
  const direct: Way = {
    url: `ws://${target.includes(':') ? `[${target}]` : target}:${port}${pathOf(server, path)}`,
    protocols: [],
    transport: 'direct',
  }
  const relayed: Way = {
    url: `${url.replace('http', 'ws')}/${id}${path}`,
    protocols: hubProtocols(token),
    transport: 'relay',
  }
  const byHub = isHubAway ? [] : [relayed]
  if (transport === 'direct') return [direct]
  const isHere = isHubHere && isLoopbackHost(target)
  return transport === 'auto' && auth !== 'token' && isHere ? [direct, ...byHub] : byHub
}
