/**
 * Which hosts and origins are this machine itself. Everything here reads hostile text, so nothing here throws.
 */

/** Whether a host name or address, without port and brackets, is loopback by its name alone. */
export function isLoopbackHost(host: string): boolean {
  return loopbackHost.test(host)
}

/** `localhost` and the names below it, `::1`, and 127.0.0.0/8 in the one form that every program reads alike. */
const loopbackHost = /^(?:(?:.*\.)?localhost|::1|127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3})$/i

/** Whether a host is the wildcard address, on which a server listens on loopback too. */
export function isWildcardHost(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** A host and a port, as they stand in a `Host` header or behind the scheme of an `Origin`. */
export interface Authority {
  /** Lower case, without brackets. */
  readonly host: string
  readonly port: number | undefined
}

/** Reads `host`, `host:port` or `[v6]:port`; undefined for anything else. */
export function parseAuthority(text: string): Authority | undefined {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9](?:[a-z0-9.-]{0,252})))(?::(\d{1,5}))?$/i.exec(text)
  if (match === null) return undefined
  const host = match[1] ?? match[2]
  const port = match[3] === undefined ? undefined : Number(match[3])
  if (host === undefined || (port !== undefined && port > 65_535)) return undefined
  return { host: host.toLowerCase(), port }
}

/** Whether a `Host` header names this machine. */
export function isLoopbackHostHeader(header: string | undefined): boolean {
  const authority = header === undefined ? undefined : parseAuthority(header)
  return authority !== undefined && isLoopbackHost(authority.host)
}

/**
 * Whether a `Host` header names this machine, or one of the names that were configured. A configured name that starts
 * with a dot stands for all names below it, and for itself without the dot; a wildcard address for every literal address, to which no
 * web site can give a name of its own.
 */
export function isAllowedHost(header: string | undefined, hosts: readonly string[] | 'any'): boolean {
  if (hosts === 'any' || isLoopbackHostHeader(header)) return true
  const host = header === undefined ? undefined : parseAuthority(header)?.host
  return host !== undefined && hosts.some((name) => isNamed(host, name.toLowerCase()))
}

function isNamed(host: string, name: string): boolean {
  if (isWildcardHost(name)) return literalAddress.test(host)
  return name.startsWith('.') ? host === name.slice(1) || host.endsWith(name) : host === name
}

/** An address in the one form that every program reads alike; `parseAuthority` lets colons through between brackets alone. */
const literalAddress = /:|^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** Whether an `Origin` header names a page that this machine itself serves. `null` is not one. */
export function isLoopbackOrigin(origin: string): boolean {
  const match = /^https?:\/\/(.+)$/.exec(origin)
  const authority = match?.[1] === undefined ? undefined : parseAuthority(match[1])
  return authority !== undefined && isLoopbackHost(authority.host)
}
