/**
 * Connects to the process that registered a server, and to no other. What is said to it then, and within what time, is the caller's affair.
 */
import { connect, isIP, type Socket } from 'node:net'
import { addressesOf, type Entry, isLoopbackHost } from '../core/index.js'
import { isListening, isOfThisMachine, sharesLoopback } from './listening.js'
import { type Networks, networksOf } from './networks.js'

export interface Reached {
  readonly socket: Socket
  /** Address and port, as they stand in a URL and in `Host`. */
  readonly authority: string
}

/**
 * Whether a server may be dialled from here: it has an address of this machine, and if it has a token, a pid that means something here, as
 * nobody can tell who listens at that port in another namespace, and so not whom the token would be sent to; or it is of a registry that
 * several machines share, and its address lies in one of these networks.
 */
export function isWithinReach(entry: Entry, networks: Networks = none): boolean {
  return addressesFor(entry, networks).length > 0
}

const none: Networks = { includes: () => false }

/** The network, of one address, that would have to be named for a server that is not within reach; undefined where none helps. */
export function networkOf({ host = 'localhost', source }: Entry): string | undefined {
  if (source === undefined || isLoopbackHost(host) || !everywhere.includes(host)) return undefined
  return `${host}/${isIP(host) === 4 ? 32 : 128}`
}

const everywhere = networksOf(['0.0.0.0/0', '::/0'], 'networks')

function addressesFor(entry: Entry, networks: Networks): readonly string[] {
  const { host = 'localhost', token, source } = entry
  const isNear = sharesLoopback(entry) && (token === undefined || isOfThisMachine(entry))
  const near = isNear ? addressesOf(entry) : []
  return near.length === 0 && source !== undefined && networks.includes(host) ? [host] : near
}

/**
 * Tries the entry's addresses one after the other. Undefined when what accepts there is not the registered process; it has been sent
 * nothing.
 *
 * @param networks those whose machines may be dialled
 * @throws when nothing accepts, as the system has it; when `signal` is aborted; when it is not within reach.
 */
export async function reach(
  entry: Entry,
  signal: AbortSignal,
  networks: Networks = none,
): Promise<Reached | undefined> {
  const addresses = addressesFor(entry, networks)
  if (addresses.length === 0)
    throw new Error('it is not of this machine, nor in a network that may be dialled')
  let failure: unknown
  let isReplaced = false
  for (const address of addresses) {
    try {
      const socket = await connectTo(address, entry.port, signal)
      const authority = `${address.includes(':') ? `[${address}]` : address}:${entry.port}`
      if (isListening(entry, address) !== false) return { socket, authority }
      socket.destroy()
      isReplaced = true
    } catch (error) {
      failure ??= error
      if (signal.aborted) break
    }
  }
  if (isReplaced) return undefined
  throw failure
}

function connectTo(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true })
    const abort = (): void => void socket.destroy(new Error('given up'))
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort)
      reject(error)
    }
    signal.addEventListener('abort', abort)
    socket.once('error', fail)
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort)
      socket.off('error', fail)
      resolve(socket)
    })
    if (signal.aborted) abort()
  })
}
