/**
 * The networks whose machines may be dialled.
 */
import { BlockList, isIP } from 'node:net'
import { WsyardError } from '../core/index.js'
import { namedNetworks } from './home.js'

/** Addresses that may be dialled though they are of other machines. Those that mean no machine, as 0.0.0.0, are none. */
export interface Networks {
  includes(address: string): boolean
}

/**
 * @param given in CIDR notation, as `10.0.0.0/8` and `fd00::/8`; undefined: those of the environment's `WSYARD_NETWORKS`, or none
 * @param option how whoever gave them calls them
 * @throws {TypeError} for what is none; for one of the environment's {WsyardError} `WSYARD_ERR_REGISTRY_URL`.
 */
export function networksOf(given: readonly string[] | undefined, option: string): Networks {
  const list = new BlockList()
  for (const network of given ?? namedNetworks()) {
    const [, address = '', length] = /^([\da-f:.]+)\/(\d{1,3})$/i.exec(network) ?? []
    const family = familyOf(address)
    const isOne = family !== undefined && Number(length) <= (family === 'ipv4' ? 32 : 128)
    if (!isOne) throw given === undefined ? ofEnvironment(network) : new TypeError(noNetwork(option, network))
    list.addSubnet(address, Number(length), family)
  }
  return {
    includes(address) {
      const family = familyOf(address)
      return family !== undefined && list.check(address, family) && !unspecified.check(address, family)
    },
  }
}

/** A system takes them for itself. However they are written: `::ffff:0.0.0.0` is found to be the same. */
const unspecified = new BlockList()
unspecified.addAddress('0.0.0.0', 'ipv4')
unspecified.addAddress('::', 'ipv6')

function noNetwork(what: string, network: string): string {
  return `${what} must be networks as 10.0.0.0/8 or fd00::/8 (got "${network}")`
}

function ofEnvironment(network: string): WsyardError {
  return new WsyardError('WSYARD_ERR_REGISTRY_URL', `${noNetwork('WSYARD_NETWORKS', network)}.`)
}

/** Of a literal address; undefined of anything else, which no name server is asked about. */
function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const family = isIP(address)
  return family === 0 ? undefined : family === 4 ? 'ipv4' : 'ipv6'
}
