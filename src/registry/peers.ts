/**
 * Whose process is at the other end of a connection.
 */
import type { Socket } from 'node:net'
import { platform } from './platform/platform.js'

/** Whether this platform tells whose a process of this machine is that has connected. */
export const tellsPeers: boolean = platform.peerUser !== undefined

/**
 * The user, by number, whose process has the other end of a connection. Undefined when nobody can tell: on another machine or in
 * another network namespace, where it has been closed, or on a platform that does not say.
 */
export async function peerUser(socket: Socket): Promise<number | undefined> {
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  if (!localAddress || !localPort || !remoteAddress || !remotePort) return undefined
  return platform.peerUser?.({ localAddress, localPort, remoteAddress, remotePort })
}
