/**
 * Asks a process of this user, and no other: what is asked holds a secret of the user's.
 */
import { connect, type Socket } from 'node:net'
import { isLoopbackHost } from '../../core/index.js'
import { isListeningAt, type Listener } from '../../registry/index.js'
import { type Answer, ask } from './answer.js'

/**
 * Connects, looks who listens at the address that it has come to, and asks over that very connection. Undefined where the system does not say
 * that it is a process of this user, which has been sent nothing then. Rejects as `ask` does.
 *
 * @param origin by plain HTTP, at a name or an address of this machine
 * @param listeners where processes of this user listen
 */
export async function askOwnProcess(
  origin: string,
  path: string,
  headers: Record<string, string>,
  listeners: readonly Listener[],
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const { protocol, hostname } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol !== 'http:' || !isLoopbackHost(host)) return undefined
  const socket = await connected(host, portOf(origin), signal)
  if (isOwn(socket, listeners)) return ask(`${origin}${path}`, headers, signal, socket)
  socket.destroy()
  return undefined
}

/** The port of an origin, which may be that of its scheme. */
export function portOf(origin: string): number {
  const { protocol, port } = new URL(origin)
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}

/** Of one port, one user may have one loopback address and another user the other. */
function isOwn(
  { remoteAddress: host = '', remotePort: port }: Socket,
  listeners: readonly Listener[],
): boolean {
  return listeners.some((one) => one.port === port && isListeningAt({ pid: one.pid, host, port }) === true)
}

function connected(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal }, () => resolve(socket))
    socket.on('error', reject)
  })
}
