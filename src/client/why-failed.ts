/**
 * Why a page has no WebSocket to a server. Browsers tell their pages nothing of a handshake that failed, so what can be
 * known is asked for afterwards.
 */
import { isBlocked } from './access.js'
import { ask } from './ask.js'
import type { Way } from './server-url.js'
import type { ConnectionReason } from './standing.js'

/** Chromium holds 255 WebSockets for a page and its like, Firefox 200 for all of them; some may be of other pages. */
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
  const address = url.replace('ws', 'http')
  const isDirect = transport === 'direct'
  const { status, body, cause } = await ask(
    address,
    isDirect ? undefined : token,
    isDirect ? 'no-cors' : 'cors',
  )
  if (isDirect && cause) return { code: (await isBlocked()) ? 'BROWSER_BLOCKS' : 'SERVER_UNREACHABLE' }
  if (!isDirect && !body) return { code: 'HUB_UNREACHABLE' }
  if (status !== 426 && body?.error) return body.error
  if (open >= manySockets) return { code: 'TOO_MANY_SOCKETS' }
  return { code: isDirect ? 'PAGE_REFUSED' : 'CONNECTION_LOST' }
}
