/**
 * Whether something of this machine listens at a port. It is sent nothing.
 */
import { connect } from 'node:net'

/** A loopback address at which something accepts connections; undefined where nothing does, or time is up. */
export async function acceptingAddress(port: number, signal: AbortSignal): Promise<string | undefined> {
  for (const host of ['127.0.0.1', '::1']) if (await acceptsAt(host, port, signal)) return host
  return undefined
}

function acceptsAt(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal })
    const finish = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false)) // refused, or time is up
  })
}
