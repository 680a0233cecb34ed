/** What concerns more than one server, said once: a browser that keeps the page from them, or servers that refuse it. */
import { type ConnectionReason, describeReason, type ReasonCode } from 'wsyard/client'
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
  const troubles = new Map<ReasonCode, ConnectionReason[]>()
  for (const { reason } of shown)
    if (reason !== undefined && titles[reason.code] !== undefined)
      troubles.set(reason.code, [...(troubles.get(reason.code) ?? []), reason])
  return (
    <>
      {[...troubles].map(([code, [reason, ...more]]) => (
        <div key={code} class="banner" role="alert">
          <p>
            <strong>{titles[code]?.(count(more.length + 1, 'server'))}</strong>{' '}
            {reason && describeReason(reason)}
          </p>
        </div>
      ))}
    </>
  )
}
