/** What concerns more than one server, said once: a browser that keeps the page from them, or servers that refuse it. */
import { describeReason, type ReasonCode } from 'wsyard/client'
import { addressOf } from '../model/server-order.js'
import type { ShownServer } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { count } from '../parts/figures.js'
import { useStore } from '../parts/store.js'

const titles: Partial<Record<ReasonCode, (servers: string) => string>> = {
  BROWSER_BLOCKS: (servers) => `No WebSocket to ${servers}.`,
  PAGE_REFUSED: (servers) => `No WebSocket to ${servers} from ${location.origin}.`,
  ORIGIN_NOT_ALLOWED: (servers) => `No WebSocket to ${servers} from ${location.origin}.`,
  TOO_MANY_SOCKETS: (servers) => `No connection is left for ${servers}.`,
  HUB_FULL: (servers) => `No connection is left for ${servers}.`,
}

export function TroubleBanner() {
  const { servers } = yard
  const shown = useStore(servers)
  const troubles = new Map<ReasonCode, ShownServer[]>()
  for (const server of shown) {
    const { code } = server.reason ?? {}
    if (code !== undefined && titles[code] !== undefined)
      troubles.set(code, [...(troubles.get(code) ?? []), server])
  }
  return (
    <>
      {[...troubles].map(([code, servers]) => {
        const [first] = servers
        return (
          <div key={code} class="banner" role="alert">
            <p>
              <strong>{titles[code]?.(count(servers.length, 'server'))}</strong>{' '}
              {first?.reason && describeReason(first.reason)}{' '}
              {first && code === 'BROWSER_BLOCKS' && (
                <button type="button" onClick={() => void askBrowser(first)}>
                  Ask the browser
                </button>
              )}
            </p>
          </div>
        )
      })}
    </>
  )
}

/** A request from a click is what makes a browser ask its user. What it answers does not matter: another attempt will show. */
async function askBrowser(server: ShownServer): Promise<void> {
  await fetch(`http://${addressOf(server)}`, { mode: 'no-cors' }).catch(() => {})
  yard.places.retry()
}
