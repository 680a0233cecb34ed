/** Why the list may be out of date, what still works, and what to do. */
import { useState } from 'preact/hooks'
import type { WsyardError } from 'wsyard/client'
import { connectedIn } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { count } from '../parts/figures.js'
import { useStore } from '../parts/store.js'

export function HubBanner() {
  const { hub, servers, client } = yard
  const { error } = useStore(hub)
  const connected = connectedIn(useStore(servers))
  if (error === undefined) return null
  if (error.refusal === 'TOKEN_NEEDED') return <TokenBanner />
  return (
    <div class="banner" role="alert">
      <p>
        <strong>{whatIsWrong(error)}</strong> {error.message}
      </p>
      <p class="hint">
        {isRegistryLost(error)
          ? 'Connections stay, and the hub makes new ones.'
          : connected > 0
            ? `${count(connected, 'connection')} to servers still ${connected === 1 ? 'works' : 'work'}, if not through the hub: messages come and go.`
            : ''}{' '}
        What starts or stops is not seen. It is asked again every five seconds.{' '}
        <button type="button" onClick={() => void client.refresh()}>
          Ask now
        </button>
      </p>
    </div>
  )
}

function whatIsWrong(error: WsyardError): string {
  if (isRegistryLost(error)) return 'The list may be old.'
  return error.refusal === undefined ? 'The hub is lost.' : 'The hub refuses this page.'
}

/** Whether the hub itself is there and says so. */
export function isRegistryLost({ message }: WsyardError): boolean {
  return message.startsWith('The hub cannot read')
}

/** This browser has not been let in by the link of the hub, or the hub has a new one. */
function TokenBanner() {
  const [link, setLink] = useState('')
  const [isWrong, setWrong] = useState(false)
  const token = /(?:^|#token=)([\w-]{43})$/.exec(link.trim())?.[1]
  return (
    <form
      class="banner"
      onSubmit={(event) => {
        event.preventDefault()
        if (token !== undefined) void enter(token).then((isIn) => setWrong(!isIn))
      }}
    >
      <p role="alert">
        <strong>{isWrong ? 'This token is not the one of this hub.' : 'This hub asks for a token.'}</strong>{' '}
        Open the link that the hub printed when it started, or paste it here.
      </p>
      <div class="paste">
        <input
          type="text"
          aria-label="Link of the hub"
          placeholder="http://127.0.0.1:9793/__wsyard/enter#token=…"
          autocomplete="off"
          spellcheck={false}
          value={link}
          onInput={({ currentTarget: { value } }) => setLink(value)}
        />
        <button type="submit" class="primary" disabled={token === undefined}>
          Open
        </button>
      </div>
    </form>
  )
}

/** Gets a session for the token, as the page behind the hub's link does. Resolves to whether it was right. */
async function enter(token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` }
  const { ok } = await fetch('/__wsyard/enter', { method: 'POST', headers })
  if (ok) await yard.client.refresh()
  return ok
}
