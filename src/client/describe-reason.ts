/**
 * Why a connection is not there, in words for a person. Apart from the rest, so that a page that shows none does not load them.
 */
import type { ConnectionReason, PageReason } from './standing.js'

const words: Readonly<Record<PageReason, string>> = {
  SERVER_GONE: 'There is no such server now.',
  SERVER_UNREACHABLE: 'Nothing answers at its port.',
  SERVER_SILENT: 'It accepted the connection but did not answer the handshake. Is it busy, or stopped?',
  CONNECTION_CLOSED: 'It closed the connection.',
  CONNECTION_LOST: 'The connection was lost.',
  PAGE_REFUSED:
    'It answers, but takes no WebSocket from this page. Allow the origin of the page there, or go through the hub.',
  BROWSER_BLOCKS: 'The browser keeps this page from this machine. Allow it local network access.',
  TOO_MANY_SOCKETS: 'The browser has about as many WebSockets open as it can. Close some pages.',
  HUB_UNREACHABLE: 'The hub does not answer. Is it still running?',
}

/** In one or two sentences, with what the other side said and what to do next. */
export function describeReason({ code, message, restMs }: ConnectionReason): string {
  const said =
    message === undefined
      ? (words[code as PageReason] ?? code)
      : code === 'CONNECTION_CLOSED'
        ? `${words.CONNECTION_CLOSED} ${message.trim().replace(/[^.!?]$/, '$&.')}`
        : message
  const rest =
    restMs === undefined ? '' : ` After many failures it is left alone for ${Math.round(restMs / 1000)} s.`
  return said + rest
}
