/**
 * The token of a standalone hub: where its page finds it, and how a WebSocket brings it.
 */
import { plainProtocol } from '../core/index.js'

const key = 'wsyard.token'

/**
 * The token that this page was opened with, now or before a reload: taken out of the address, and kept for the tab. Undefined
 * where there is none, or no page.
 */
export function sessionToken(): string | undefined {
  try {
    const token = /^#token=([\w-]{43})$/.exec(location.hash)?.[1]
    if (token) {
      sessionStorage.setItem(key, token)
      history.replaceState(history.state, '', location.pathname + location.search)
    }
    return sessionStorage.getItem(key) ?? undefined
  } catch {
    return undefined // no page (Node, a worker), or one that may keep nothing
  }
}

/** The subprotocols by which a WebSocket brings it. */
export function hubProtocols(token: string | undefined): string[] {
  return token ? [plainProtocol, `wsyard.bearer.${token}`] : []
}
