/** The whole page: what runs, what to say to it, and what was said. */
import { useEffect } from 'preact/hooks'
import type { Client } from 'wsyard/client'
import { Composer } from './composer.js'
import { EmptyState } from './empty-state.js'
import { MessageLog } from './message-log.js'
import { ServerCard } from './server-card.js'
import { StatusBanner } from './status-banner.js'
import { useClient } from './use-client.js'
import { useLog } from './use-log.js'

export function App({ client }: { client: Client }) {
  const { servers, status, error } = useClient(client)
  const { lines, sent, clear } = useLog(client)
  const connected = servers.filter(({ connection }) => connection === 'connected').length

  useEffect(() => {
    document.title = servers.length === 0 ? 'wsyard' : `(${connected}/${servers.length}) wsyard`
  }, [connected, servers.length])

  const send = (text: string): void => sent(client.broadcast(text), text)

  return (
    <>
      <header class="bar">
        <a class="brand" href="./">
          <img src="./favicon.svg" alt="" width="26" height="26" />
          wsyard
        </a>
        <span class={`hub hub-${status}`} role="status">
          {hubText[status]}
        </span>
        <button type="button" class="quiet" onClick={() => void client.refresh()}>
          Refresh
        </button>
      </header>
      <main>
        <StatusBanner error={error} />
        <section aria-labelledby="servers-heading">
          <div class="heading">
            <h1 id="servers-heading">
              {status === 'connecting' ? 'Looking for servers…' : `Found ${count(servers.length, 'server')}`}
            </h1>
            {servers.length > 0 && <p class="tally">{connected} connected</p>}
          </div>
          {servers.length === 0 && status === 'live' && <EmptyState />}
          <ul class="cards">
            {servers.map((server) => (
              <ServerCard key={server.id} server={server} />
            ))}
          </ul>
        </section>
        <section class="messages" aria-labelledby="messages-heading">
          <div class="heading">
            <h2 id="messages-heading">Messages</h2>
            <button type="button" class="quiet" onClick={clear} disabled={lines.length === 0}>
              Clear
            </button>
          </div>
          <Composer connected={connected} onSend={send} />
          <MessageLog lines={lines} />
        </section>
      </main>
    </>
  )
}

const hubText = { connecting: 'Asking the hub', live: 'Hub live', lost: 'Hub lost' } as const

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
