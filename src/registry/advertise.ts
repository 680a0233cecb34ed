/**
 * At which address other machines dial a server.
 */
import { isIP } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { isLoopbackHost, isWildcardHost, parseAuthority, WsyardError } from '../core/index.js'

/** What a server says of where it listens. */
export interface Listening {
  readonly host: string
  readonly port: number
}

/**
 * Where a server is dialled from other machines, as `10.0.0.5:8080` or `[fd00::5]:8080`; undefined where it cannot be, or nobody knows
 * where. What was said holds; else the address that it listens on, or the only one of this machine where it listens on all.
 *
 * @param said an address, with the port if that is another one from outside
 * @throws {WsyardError} `WSYARD_ERR_ENTRY_INVALID` when what was said is no literal address.
 */
export function advertisedAt(
  { host, port }: Listening,
  said: string | undefined,
  interfaces: () => NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces,
): string | undefined {
  if (said !== undefined) return withPort(said, port)
  if (isLoopbackHost(host)) return undefined
  if (!isWildcardHost(host)) return isIP(host) === 0 ? undefined : withPort(bracketed(host), port)
  const [address, ...others] = addressesOf(interfaces())
  return address === undefined || others.length > 0 ? undefined : withPort(address, port)
}

/** Those of IPv4 by which other machines may know this one. */
function addressesOf(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  const all = Object.values(interfaces).flatMap((one) => one ?? [])
  return all.flatMap(({ family, internal, address }) => (family === 'IPv4' && !internal ? [address] : []))
}

function withPort(said: string, ownPort: number): string {
  const { host, port = ownPort } = parseAuthority(isIP(said) === 6 ? `[${said}]` : said) ?? {}
  if (host === undefined || isIP(host) === 0 || isWildcardHost(host) || port === 0) {
    const message = `Cannot register: advertise must be an address as 10.0.0.5 or 10.0.0.5:8080, under which other machines dial the server (got "${said}"). Correct that option, or WSYARD_ADVERTISE.`
    throw new WsyardError('WSYARD_ERR_ENTRY_INVALID', message)
  }
  return `${bracketed(host)}:${port}`
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}
