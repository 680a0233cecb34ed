/**
 * For whose processes the relay brings a server's token (`PROTOCOL.md`, "Who may come in"): other users of the machine can dial the
 * hub too, and write any header.
 */
import type { Socket } from 'node:net'
import type { Peers, Refusal } from '../core/index.js'
import { peerUser, tellsPeers } from '../registry/index.js'

/** The closest that the platform can tell. */
export const defaultPeers: Peers = tellsPeers ? 'same-user' : 'any'

export interface PeerRules {
  readonly peers: Peers
  /** Whether everybody has been asked for the hub's token, and so is known where the system does not tell. */
  readonly isTokenAsked: boolean
  /** How others are let in. */
  readonly option: string
}

/** Why the process that has connected is not brought a token; undefined when it is. */
export async function refusedPeer(
  socket: Socket,
  { peers, isTokenAsked, option }: PeerRules,
): Promise<Refusal | undefined> {
  if (peers === 'any') return undefined
  const uid = await peerUser(socket)
  const own = process.geteuid?.()
  if (uid === undefined ? isTokenAsked : uid === own) return undefined
  const who =
    uid === undefined
      ? 'nothing tells whose the process is that asks'
      : `it is a process of user ${uid} that asks, not of user ${own} as the hub`
  const message = `The hub does not bring this server's token, as ${who}. If it is a proxy of yours, let it in by ${option}.`
  return { code: 'PEER_NOT_ALLOWED', message }
}
