/**
 * For whose processes a hub brings the token of a server.
 */

/** Whose processes reach servers that ask for a token: those of the hub's own user, or those of any. */
export type Peers = 'same-user' | 'any'

/** @throws {TypeError} for an option `peers` that is none. */
export function checkPeers(peers: unknown): void {
  if (peers === undefined || peers === 'same-user' || peers === 'any') return
  throw new TypeError(`peers must be 'same-user' or 'any' (got ${JSON.stringify(peers)})`)
}
