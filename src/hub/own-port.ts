/**
 * Whether an entry is the hub itself, which is never dialled.
 */
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Entry } from '../core/index.js'
import { sharesLoopback } from '../registry/index.js'

/** Of another machine the same port is another one, unless it is said to be at an address of this machine. */
export function isOwnPort(localPort: number | undefined, entry: Entry): boolean {
  return entry.port === localPort && (sharesLoopback(entry) || isOwnAddress(entry.host))
}

/** However it is written: `::ffff:10.0.0.5` is found to be 10.0.0.5. */
function isOwnAddress(host = ''): boolean {
  const own = new BlockList()
  for (const { address, cidr, family, internal } of Object.values(networkInterfaces()).flatMap(
    (one) => one ?? [],
  )) {
    const kind = family === 'IPv4' ? 'ipv4' : 'ipv6'
    // All of 127.0.0.0/8 is the loopback of this machine, though it has but one address there.
    if (internal && cidr !== null) own.addSubnet(address, Number(cidr.split('/')[1]), kind)
    else own.addAddress(address, kind)
  }
  const version = isIP(host)
  return version !== 0 && own.check(host, version === 4 ? 'ipv4' : 'ipv6')
}
