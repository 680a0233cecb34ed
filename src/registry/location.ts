/**
 * Where a registry is, as a URL says it: `file:` on this machine's disk, `etcd:` in a cluster that several machines share.
 */
import { isIP } from 'node:net'
import { fileURLToPath } from 'node:url'
import { defined, reasonOf, WsyardError } from '../core/index.js'

export type RegistryLocation = FileLocation | EtcdLocation

export interface FileLocation {
  readonly driver: 'file'
  /** The directory, absolute; undefined: that of this user. */
  readonly home: string | undefined
}

export interface EtcdLocation {
  readonly driver: 'etcd'
  /** Its members, as `http://10.0.0.1:2379`: at least one. */
  readonly endpoints: readonly string[]
  /** What all keys begin with; it ends with a slash, so that `team` is no part of `team2`. */
  readonly prefix: string
  readonly user?: string
  readonly password?: string
  /** Seconds after which a server that gives no sign of life is taken out. */
  readonly ttl?: number
  /** PEM files, by path: the authority that has signed the members' certificates, and this client's certificate and key. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** A file that holds the password, in the place of one in the URL. */
  readonly passwordFile?: string
  /** A file that holds the key with which the tokens of servers are sealed. */
  readonly secretFile?: string
}

/** What etcd listens on unless it is told otherwise. */
const etcdPort = 2379

const defaultPrefix = 'wsyard/'

/**
 * Reads the URL of a registry.
 *
 * @param origin where it was given, for errors
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_URL` for one that names none, saying why; what may be a password in it is not repeated.
 */
export function parseLocation(url: string, origin: string): RegistryLocation {
  const refuse = (why: string): never => {
    const message = `${origin} "${withoutSecrets(url)}" ${why}. Give file:, file:///absolute/path, or etcd://host:2379/prefix.`
    throw new WsyardError('WSYARD_ERR_REGISTRY_URL', message)
  }
  const [, scheme, rest = ''] = /^([a-z]+):(.*)$/s.exec(url) ?? refuse('is no URL')
  if (scheme === 'file') return parseFile(rest, refuse)
  if (scheme === 'etcd' || scheme === 'etcds') return parseEtcd(scheme, rest, refuse)
  return refuse('names a kind of registry that there is not')
}

type Refuse = (why: string) => never

function parseFile(rest: string, refuse: Refuse): FileLocation {
  if (rest === '') return { driver: 'file', home: undefined }
  if (!/^\/(?!\/)|^\/\/\//.test(rest)) refuse('has no absolute path, or names a host')
  if (/[?#]/.test(rest)) refuse('has a ? or a #, which are written %3F and %23 in a path')
  try {
    return { driver: 'file', home: fileURLToPath(`file:${rest}`) }
  } catch (error) {
    return refuse(`has no path (${reasonOf(error)})`)
  }
}

/**
 * `//[user[:password]@]host[:port][,host[:port]…][/prefix][?option=value…]`, which is no URL to `URL` for its hosts. An `@` stands
 * behind a user and nowhere else, so that no piece of a password is taken for anything that may be shown.
 */
const etcdPattern = /^\/\/(?:([^@/?#]*)@)?([^@/?#]+)(\/[^@?#]*)?(?:\?([^@#]*))?$/

const notEtcd =
  'is not etcd://[user:password@]host[:port][,…][/prefix][?option=value] (@ : / ? # and % within a part are written %40 %3A %2F %3F %23 %25)'

function parseEtcd(scheme: string, rest: string, refuse: Refuse): EtcdLocation {
  const [, credentials, hosts = '', path = '', query = ''] = etcdPattern.exec(rest) ?? refuse(notEtcd)
  const [user, password] = credentials?.split(/:(.*)/s).map((part) => decoded(part, refuse)) ?? []
  if (user === '') refuse('has an empty user')
  const protocol = scheme === 'etcds' ? 'https' : 'http'
  const endpoints = hosts.split(',').map((host) => endpointOf(protocol, host, refuse))
  const options = optionsOf(query, refuse)
  if (protocol === 'http' && (options.ca ?? options.cert ?? options.key) !== undefined)
    refuse('has certificates, which go with etcds:')
  if ((options.cert === undefined) !== (options.key === undefined))
    refuse('has a cert without its key, or a key without its cert')
  return {
    driver: 'etcd',
    endpoints,
    prefix: prefixOf(decoded(path, refuse)),
    ...defined({ user, password }),
    ...options,
  }
}

function endpointOf(protocol: string, authority: string, refuse: Refuse): string {
  const [, host, port = etcdPort] = /^(\[[\da-f:.]+\]|[a-z\d][\w.-]*)(?::(\d{1,5}))?$/i.exec(authority) ?? []
  const endpoint = `${protocol}://${host}:${port}`
  if (isIP(authority) === 6) refuse('has an IPv6 address that does not stand in [ ]')
  return host !== undefined && Number(port) > 0 && URL.canParse(endpoint)
    ? endpoint
    : refuse(`has no host and port in "${withoutSecrets(authority)}"`)
}

function prefixOf(path: string): string {
  const inner = path.replace(/^\/+|\/+$/g, '')
  return inner === '' ? defaultPrefix : `${inner}/`
}

const optionNames = {
  ttl: 'ttl',
  ca: 'ca',
  cert: 'cert',
  key: 'key',
  'password-file': 'passwordFile',
  'secret-file': 'secretFile',
} as const

function optionsOf(query: string, refuse: Refuse): Partial<EtcdLocation> {
  const options: Record<string, string | number> = {}
  for (const [name, value] of new URLSearchParams(query.replaceAll('+', '%2B'))) {
    const known = Object.entries(optionNames).find(([one]) => one === name)?.[1]
    if (known === undefined)
      refuse(`has the unknown option "${name}" (there are ${Object.keys(optionNames).join(', ')})`)
    else options[known] = known === 'ttl' ? ttlOf(value, refuse) : value
  }
  return options
}

/** Below two seconds etcd gives two, as an election takes one. */
const [minTtl, maxTtl] = [2, 86_400]

function ttlOf(text: string, refuse: Refuse): number {
  const ttl = /^\d+$/.test(text) ? Number(text) : 0
  return ttl >= minTtl && ttl <= maxTtl
    ? ttl
    : refuse(`has a ttl that is no number of seconds from ${minTtl} to ${maxTtl}`)
}

function decoded(text: string, refuse: Refuse): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse('has a % that stands for nothing')
  }
}

/**
 * A URL, or its hosts, as they may be shown when they are wrong: up to the first colon behind which no port or address stands, as a password
 * may, or to the first question mark, as options may have any value.
 */
function withoutSecrets(url: string): string {
  const [shown = ''] = harmless.exec(url) ?? []
  return shown === url ? url : `${shown}${url.charAt(shown.length)}***`
}

/** A port has five digits at most and is the last of its host; before an `@` nothing is one. */
const harmless = /^(?:file:|[a-z]+:\/\/)?(?:\[[\da-f:.]*\]|:\d{0,5}(?![^,/?#]|.*@)|[^:?])*/is

/** A registry that several machines share, as its entries say that they come from it: at its first member, without a password. */
export function sourceOf({ endpoints: [first = ''], prefix }: EtcdLocation): string {
  const { protocol, host } = new URL(first)
  return `${protocol === 'https:' ? 'etcds' : 'etcd'}://${host}/${prefix.slice(0, -1)}`
}
