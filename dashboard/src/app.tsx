/** The whole page: what runs, what was said, and what to say. */
import { useEffect } from 'preact/hooks'
import type { WsyardError } from 'wsyard/client'
import { MessagesSection } from './messages/messages-section.js'
import { connectedIn } from './model/shown-servers.js'
import { yard } from './model/yard.js'
import { Announcer } from './page/announcer.js'
import { showBadge } from './page/badge.js'
import { give, onCommand } from './page/commands.js'
import { HelpDialog } from './page/help-dialog.js'
import { Splitter, split } from './page/splitter.js'
import { ServerPanel } from './panel/server-panel.js'
import { useStore } from './parts/store.js'
import { ServersSection, viewChoice } from './servers/servers-section.js'
import { HubBanner, isRegistryLost } from './states/hub-banner.js'
import { TroubleBanner } from './states/trouble-banner.js'

export function App() {
  const height = useStore(split)

  useEffect(() => {
    const show = (): void => {
      const servers = yard.servers.value.filter(({ gone }) => gone === undefined)
      showBadge(connectedIn(servers), servers.length, yard.hub.value.status === 'lost')
    }
    yard.servers.subscribe(show) // for as long as there is the page
    yard.hub.subscribe(show)
    show()
  }, [])
  useEffect(() => {
    for (const view of ['cards', 'table', 'timeline'] as const) onCommand(view, () => viewChoice.set(view))
    onCommand('filter-servers', () => document.getElementById('server-filter')?.focus())
    onCommand('filter-messages', () => document.getElementById('message-filter')?.focus())
  }, [])

  return (
    <>
      <header class="bar">
        <a class="brand" href="./">
          <img src="./favicon.svg" alt="" width="22" height="22" />
          wsyard
        </a>
        <HubState />
        <button type="button" class="quiet" onClick={() => void yard.client.refresh()}>
          Refresh
        </button>
        <button type="button" class="quiet" onClick={() => give('theme')}>
          Theme
        </button>
        <button type="button" class="quiet" aria-label="Keys" title="Keys" onClick={() => give('help')}>
          ?
        </button>
      </header>
      <HubBanner />
      <TroubleBanner />
      <div class="page">
        <main style={{ '--servers': `${height}%` }}>
          <ServersSection />
          <Splitter />
          <MessagesSection />
        </main>
        <ServerPanel />
      </div>
      <Announcer />
      <HelpDialog />
    </>
  )
}

function HubState() {
  const { status, error } = useStore(yard.hub)
  return (
    <span class={`hub hub-${status}`} role="status">
      {error === undefined ? hubText[status] : errorText(error)}
    </span>
  )
}

function errorText(error: WsyardError): string {
  if (isRegistryLost(error)) return 'Registry lost'
  return error.refusal === undefined ? hubText.lost : 'Not let in'
}

const hubText = {
  connecting: 'Asking the hub',
  live: 'Hub live',
  polling: 'Hub asked at intervals',
  lost: 'Hub lost',
} as const
