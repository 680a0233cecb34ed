/**
 * The networks whose machines may be dialled.
 */
import { BlockList, isIP } from 'node:net'
import { namedNetworks } from './home.js'

/** Addresses that may be dialled though they are of other machines. */
export interface Networks {
  includes(address: string): boolean
}

/**
 * @param given in CIDR notation, as `10.0.0.0/8` and `fd00::/8`; undefined: those of the environment's `WSYARD_NETWORKS`, or none
 * @param option how whoever gave them calls them
 * @throws {TypeError} for what is none.
 */
export function networksOf(given: readonly string[] | undefined, option: string): Networks {
  const [networks, what] = given === undefined ? [namedNetworks(), 'WSYARD_NETWORKS'] : [given, option]
  const list = new BlockList()
  for (const network of networks) {
    const [, address = '', length] = /^([\da-f:.]+)\/(\d{1,3})$/i.exec(network) ?? []
    const family = familyOf(address)
    const isOne = family !== undefined && Number(length) <= (family === 'ipv4' ? 32 : 128)
    if (!isOne) throw new TypeError(`${what} must be networks as 10.0.0.0/8 or fd00::/8 (got "${network}")`)
    list.addSubnet(address, Number(length), family)
  }
  return {
    includes(address) {
      const family = familyOf(address)
      return family !== undefined && list.check(address, family)
    },
  }
}

/** Of a literal address; undefined of anything else, which no name server is asked about. */
function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const family = isIP(address)
  return family === 0 ? undefined : family === 4 ? 'ipv4' : 'ipv6'
}
