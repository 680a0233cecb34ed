/** An app for the tests of `wsyard/react`: shows what each hook gives, and how often it was rendered. */
import { StrictMode, useState, version } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { type Client, createClient } from 'wsyard/client'
import {
  useClient,
  useHubStatus,
  useMessages,
  useServer,
  useServers,
  useSocket,
  WsyardProvider,
} from 'wsyard/react'

/** Committed renderings by component, as `StrictMode` calls each function twice. */
const rendered: Record<string, number> = {}
Object.assign(window, { rendered })

/** `?given`: the provider is given a client. `?hydrate`: the page has been rendered on a server. */
const asked = new URLSearchParams(location.search)
const given: { client?: Client } = asked.has('given') ? { client: createClient() } : {}
Object.assign(window, given)

function count(name: string): void {
  rendered[name] = (rendered[name] ?? 0) + 1
}

function Workers() {
  const workers = useServers<{ meta: { role: string } }>(({ meta }) => meta.role === 'worker')
  count('workers')
  return <p id="workers">{workers.map(({ name, connection }) => `${name} ${connection}`).join(', ')}</p>
}

function One() {
  const server = useServer('boss')
  count('one')
  return <p id="one">{server === undefined ? 'no boss' : `boss at ${server.port}`}</p>
}

function Talk() {
  const { socket, connection, reason, send } = useSocket('worker-a', { path: '/talk' })
  const messages = useMessages(socket, 3)
  count('talk')
  return (
    <section>
      <p id="talk">{`${connection} ${reason?.code ?? ''}`}</p>
      <button type="button" onClick={() => send(`hello ${messages.length}`)}>
        Say hello
      </button>
      <p id="heard">{messages.map(({ data }) => `${data}`).join(', ')}</p>
    </section>
  )
}

function All() {
  const client = useClient()
  const messages = useMessages('all')
  return (
    <section>
      <button type="button" onClick={() => client?.broadcast('to all')}>
        To all
      </button>
      <p id="all">
        {messages
          .map(({ server, data }) => `${server?.name}: ${data}`)
          .sort()
          .join(', ')}
      </p>
    </section>
  )
}

function Page() {
  const [isThere, setThere] = useState(true)
  return (
    <main>
      <h1>React {version}</h1>
      <button type="button" onClick={() => setThere((present) => !present)}>
        Toggle
      </button>
      {isThere && (
        <WsyardProvider connectAll {...given}>
          <p id="hub">
            <Hub />
          </p>
          <Workers />
          <One />
          <Talk />
          <All />
        </WsyardProvider>
      )}
    </main>
  )
}

function Hub() {
  return <>{useHubStatus()}</>
}

const page = (
  <StrictMode>
    <Page />
  </StrictMode>
)
const root = document.getElementById('root') ?? document.body
if (asked.has('hydrate')) {
  const { renderToString } = await import('react-dom/server')
  root.innerHTML = renderToString(page)
  hydrateRoot(root, page)
} else createRoot(root).render(page)
