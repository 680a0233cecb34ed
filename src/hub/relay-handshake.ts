/**
 * The handshake as it is passed on: what of it goes to the server, and what of the answer goes back (`PROTOCOL.md`,
 * "Relay"). Pure, on headers as Node gives them raw: names and values in turn, in their order.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isBearerProtocol, plainProtocol, protocolsOf, type Token } from '../core/index.js'

/**
 * Headers that belong to the connection to the hub, or are secrets between the page and the hub, or say which page asks: the hub has
 * judged that, and a server that lets in the pages of its own address alone would refuse them all.
 */
const ownHeaders =
  /^(host|connection|keep-alive|te|trailer|transfer-encoding|content-length|expect|cookie|proxy-.*|origin|sec-fetch-.*)$/i

/** Stands in every handshake that a hub passes on, so that no hub passes it on again. */
export const relayedHeader = 'x-wsyard-relayed'

/**
 * The headers for the server.
 *
 * @param authority what is dialled, as `127.0.0.1:8080`.
 * @param token what the server asks for, if it does.
 * @param hubToken the hub's own, with which nothing is passed on.
 */
export function headersForServer(
  { rawHeaders, headers }: IncomingMessage,
  authority: string,
  token: Token | undefined,
  hubToken: Token | undefined,
): string[] {
  const named = new Set((headers.connection ?? '').toLowerCase().split(/[\s,]+/))
  const protocols = protocolsForServer(protocolsOf(headers))
  const sent = ['Host', authority, 'Connection', 'Upgrade', relayedHeader, '1']
  for (const [name, value] of pairsOf(rawHeaders)) {
    const lower = name.toLowerCase()
    const isNamed = lower !== 'upgrade' && named.has(lower)
    if (ownHeaders.test(name) || isNamed || lower === 'sec-websocket-protocol') continue
    if (token !== undefined && lower === 'authorization') continue
    if (hubToken !== undefined && value.includes(hubToken.reveal())) continue
    sent.push(name, value)
  }
  if (protocols.length > 0) sent.push('Sec-WebSocket-Protocol', protocols.join(', '))
  if (token !== undefined) sent.push('Authorization', `Bearer ${token.reveal()}`)
  return sent
}

/** Without a token, and without what had to stand beside it. */
function protocolsForServer(offered: readonly string[]): readonly string[] {
  if (!offered.some(isBearerProtocol)) return offered
  return offered.filter((protocol) => !isBearerProtocol(protocol) && protocol !== plainProtocol)
}

/** Whether a handshake offers a token and nothing that could be chosen. */
export function offersTokenAlone(headers: IncomingMessage['headers']): boolean {
  const offered = protocolsOf(headers)
  return offered.length > 0 && offered.every(isBearerProtocol)
}

/** Whether a 101 answers this very handshake (RFC 6455, section 4.1). */
export function isAnswerTo(request: IncomingMessage, answer: IncomingMessage): boolean {
  const key = request.headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const { upgrade = '', 'sec-websocket-accept': given } = answer.headers
  return answer.statusCode === 101 && upgrade.toLowerCase() === 'websocket' && given === accept
}

/** The head of the answer for the client. */
export function answerForClient(request: IncomingMessage, answer: IncomingMessage): string {
  const sent = pairsOf(answer.rawHeaders).filter(([name]) => !/^set-cookie$/i.test(name))
  const isChosen = answer.headers['sec-websocket-protocol'] !== undefined
  const offered = protocolsOf(request.headers)
  // Browsers hang up when nothing that they offered is chosen, and this was offered for the token's sake alone.
  if (!isChosen && offered.some(isBearerProtocol) && offered.includes(plainProtocol))
    sent.push(['Sec-WebSocket-Protocol', plainProtocol])
  return `HTTP/1.1 101 Switching Protocols\r\n${sent.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

function pairsOf(rawHeaders: readonly string[]): [string, string][] {
  return rawHeaders.flatMap((name, position) =>
    position % 2 === 0 ? [[name, rawHeaders[position + 1] ?? ''] as [string, string]] : [],
  )
}
