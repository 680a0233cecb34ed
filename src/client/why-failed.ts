/**
 * Why a page has no WebSocket to a server. Browsers tell their pages nothing of a handshake that failed, so what can be
 * known is asked for afterwards.
 */
import { ask } from './ask.js'
import type { Way } from './server-url.js'
import type { ConnectionReason } from './standing.js'

/** Chromium holds 255 WebSockets for a profile, Firefox 200; some may be of other pages. */
const manySockets = 200

/**
 * @param token what the hub asks for, if it does
 * @param open how many sockets this client holds
 */
export async function whyFailed(
  { url, transport }: Way,
  token: string | undefined,
  open: number,
): Promise<ConnectionReason> {
  if (open >= manySockets) return { code: 'TOO_MANY_SOCKETS' }
  const address = url.replace('ws', 'http')
  if (transport === 'direct') {
    const { cause } = await ask(address, undefined, 'no-cors')
    if (!cause) return { code: 'PAGE_REFUSED' }
    return { code: (await isBlocked()) ? 'BROWSER_BLOCKS' : 'SERVER_UNREACHABLE' }
  }
  const { status, body } = await ask(address, token)
  if (!body) return { code: 'HUB_UNREACHABLE' }
  return status === 426 || !body.error ? { code: 'CONNECTION_LOST' } : body.error
}

/** Whether the browser has a permission for reaching this machine, as Chromium has for pages from elsewhere, and denies it. */
async function isBlocked(): Promise<boolean> {
  for (const name of ['loopback-network', 'local-network-access']) {
    try {
      const { state } = await navigator.permissions.query({ name } as PermissionDescriptor)
      if (state === 'denied') return true
    } catch {} // there is no such permission, or there are none, as outside of a page
  }
  return false
}
