/**
 * What the options of a server may be.
 */
import { isIP } from 'node:net'
import { type Auth, isLoopbackHost } from '../core/index.js'

/** @throws {TypeError} for a host that is no address, and for one on which an open server lets in whoever reaches its port. */
export function checkHost(host: string, auth: Auth, isAllowed: boolean): void {
  if (isLoopbackHost(host)) return
  if (isIP(host) === 0)
    throw new TypeError(`host must be a literal address such as 127.0.0.1, or localhost (got "${host}")`)
  if (auth === 'open' && !isAllowed)
    throw new TypeError(
      `auth: 'open' at ${host} lets whoever reaches the port speak with the server: leave it out, or add dangerouslyOpenToTheNetwork: true`,
    )
}

/** @throws {TypeError} for what is no whole number of this range. */
export function checkNumber(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new TypeError(`${option} must be an integer from ${least} to ${most} (got ${value})`)
}
