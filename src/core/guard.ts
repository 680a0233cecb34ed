/**
 * Who may come in: the questions that hub and server ask of every request and every upgrade before anything else
 * (`PROTOCOL.md`, "Who may come in"). It reads hostile text, so nothing here throws.
 */
import { isAllowedHost, isLoopbackOrigin, parseAuthority } from './loopback.js'
import type { Refusal } from './refusals.js'

/** The headers of a request as Node gives them, with lower-case names. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>

export interface Rules {
  /** Host names besides loopback by which one may ask. */
  readonly hosts: readonly string[] | 'any'
  /** Origins that may come besides those of `pages`. */
  readonly origins: readonly string[]
  /**
   * Whose pages may come: any of this machine's, those that were loaded from the very host that is asked, or any of this machine's
   * and visitors by a link from anywhere.
   */
  readonly pages: 'loopback' | 'own' | 'visitors'
  /** Compares a token with the right one, in constant time. Without it none is asked for. */
  readonly isToken?: ((candidate: string) => boolean) | undefined
  /**
   * Compares a session with the right one, in constant time: what a hub's own page brings in the token's place, as a cookie. Without it
   * cookies are nothing.
   */
  readonly isSession?: ((candidate: string) => boolean) | undefined
  /** What would let somebody in, as a refusal names it. */
  readonly options: OptionNames
  /** How to come by the token, for who has none or a wrong one. */
  readonly tokenHint?: string | undefined
}

/** How the options are called with which `hosts`, `origins`, `peers` and `networks` are given, as `the option hosts of createHub`. */
export interface OptionNames {
  /** A server has none: who wants to ask it by another name does so through a hub. */
  readonly hosts?: string
  readonly origins: string
  /** How a hub is told that any peer may have the token of a server brought: `--peers any`. */
  readonly peers?: string
  /** How a hub is told of networks whose machines it dials: `--networks`. */
  readonly networks?: string
}

/** A request as Node gives it. Of two Hosts or Authorizations `headers` has the first, as if there were no other. */
export interface GuardedRequest {
  readonly headers: RequestHeaders
  /** Has every one of them; HTTP/2 has none. */
  readonly headersDistinct?: RequestHeaders
}

/** Why this request is turned away; undefined when it is welcome. */
export function refusalOf(request: GuardedRequest, rules: Rules): Refusal | undefined {
  const headers = request.headersDistinct ?? request.headers
  return refusedHost(headers, rules) ?? refusedPage(headers, rules) ?? refusedToken(headers, rules)
}

function refusedHost(headers: RequestHeaders, { hosts, options }: Rules): Refusal | undefined {
  const host = hostOf(headers)
  if (isAllowedHost(host, hosts)) return undefined
  const way = options.hosts === undefined ? 'connect through a hub' : `add the name to ${options.hosts}`
  const message = `Host ${quoted(host)} is not this machine: ask for localhost, or ${way}.`
  return { code: 'HOST_NOT_ALLOWED', message }
}

function refusedPage(headers: RequestHeaders, rules: Rules): Refusal | undefined {
  const { origins, pages, options } = rules
  const origin = textOf(headers, 'origin')
  const site = textOf(headers, 'sec-fetch-site')
  if (origin !== undefined && origin !== 'null' && origins.includes(origin)) return refusedSite(site, known)
  // A page that another site opens in a frame of its own shows nothing there, by its headers.
  if (pages === 'visitors' && textOf(headers, 'sec-fetch-mode') === 'navigate') return undefined
  if (origin === undefined) return refusedSite(site, pages === 'own' ? ['same-origin', 'none'] : friendly)
  if (isOriginOf(origin, hostOf(headers))) return refusedSite(site, ['same-origin', 'none'])
  if (pages !== 'own' && isLoopbackOrigin(origin)) return refusedSite(site, known)
  const whose = pages === 'own' ? 'is not the page of this hub' : 'is not a page of this machine'
  const way = /^https?:\/\//.test(origin)
    ? `add it to ${options.origins} to let it in`
    : 'no option lets it in, as it is none of http or https. Serve the page from there'
  const message = `Origin ${quoted(origin)} ${whose}: ${way}.`
  return { code: 'ORIGIN_NOT_ALLOWED', message }
}

const friendly = ['same-origin', 'same-site', 'none']
const known = [...friendly, 'cross-site']

function refusedSite(site: string | undefined, allowed: readonly string[]): Refusal | undefined {
  if (site === undefined || allowed.includes(site)) return undefined
  const message = `Sec-Fetch-Site ${quoted(site)}: the page of another site asks. Ask from a page whose origin is allowed, in a way that sends its Origin (fetch with mode "cors").`
  return { code: 'CROSS_SITE', message }
}

function refusedToken(headers: RequestHeaders, rules: Rules): Refusal | undefined {
  const { isToken, isSession, tokenHint } = rules
  if (isToken === undefined) return undefined
  const token = tokenOf(headers)
  if (token !== undefined && isToken(token)) return undefined
  if (
    token === undefined &&
    isSession !== undefined &&
    isOwnPage(headers) &&
    sessionsOf(headers).some(isSession)
  )
    return undefined
  const hint = tokenHint ?? 'Send it as "Authorization: Bearer <token>".'
  return token === undefined
    ? { code: 'TOKEN_NEEDED', message: `A token is needed here. ${hint}` }
    : { code: 'TOKEN_WRONG', message: `This is not the token. ${hint}` }
}

/**
 * Whether it is the page that was loaded from this very host that asks, or nobody's. Cookies are sent to all ports of a host, and by the
 * pages of all of them.
 */
function isOwnPage(headers: RequestHeaders): boolean {
  const origin = textOf(headers, 'origin')
  if (origin !== undefined) return isOriginOf(origin, hostOf(headers))
  return refusedSite(textOf(headers, 'sec-fetch-site'), ['same-origin', 'none']) === undefined
}

/** How the cookie is called that a hub's session is in: by its port, as the hubs of a host share one jar. */
export function sessionCookieName(headers: RequestHeaders): string {
  const port = parseAuthority(hostOf(headers) ?? '')?.port
  return port === undefined ? 'wsyard' : `wsyard_${port}`
}

/** What the cookies of that name hold; there are several where a page of another port has set one too, with another path. */
function sessionsOf(headers: RequestHeaders): string[] {
  const start = `${sessionCookieName(headers)}=`
  const cookies = (textOf(headers, 'cookie') ?? '').split(/[;,]/).map((cookie) => cookie.trim())
  return cookies.flatMap((cookie) => (cookie.startsWith(start) ? cookie.slice(start.length) : []))
}

/** How a token stands among the subprotocols of those who cannot set headers. */
const bearerProtocol = 'wsyard.bearer.'

/** The subprotocol that they offer beside it, and that is chosen if no other is. */
export const plainProtocol = 'wsyard.v1'

/** The token that a request brings, as a header or else as a subprotocol. */
export function tokenOf(headers: RequestHeaders): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(textOf(headers, 'authorization') ?? '')?.[1]
  const offered = protocolsOf(headers).find(isBearerProtocol)
  return bearer ?? offered?.slice(bearerProtocol.length)
}

/** The subprotocols that a handshake offers, in its order. */
export function protocolsOf(headers: RequestHeaders): string[] {
  const text = textOf(headers, 'sec-websocket-protocol') ?? ''
  return text.split(',').flatMap((part) => part.trim() || [])
}

/** Whether a subprotocol is a token, and so is never to be passed on or answered with. */
export function isBearerProtocol(protocol: string): boolean {
  return protocol.startsWith(bearerProtocol)
}

/** The host that a request asks for; HTTP/2 has a pseudo-header for it. */
function hostOf(headers: RequestHeaders): string | undefined {
  return textOf(headers, ':authority') ?? textOf(headers, 'host')
}

/** Whether an origin is what a page has that was loaded from this host, with or without TLS. */
function isOriginOf(origin: string, host: string | undefined): boolean {
  return host !== undefined && /^https?:\/\/(.+)$/.exec(origin)?.[1]?.toLowerCase() === host.toLowerCase()
}

/** One header; one that came several times is no better than one that is wrong. */
function textOf(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'object' ? value.join(', ') : value
}

/** A header in a message: quoted, without control characters, and not endless. */
function quoted(text = ''): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, '?')
  return `"${printable.length > 100 ? `${printable.slice(0, 97)}...` : printable}"`
}
