/** Why the list may be out of date, what still works, and what to do. */
import { useState } from 'preact/hooks'
import { connectedIn } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { count } from '../parts/figures.js'
import { useStore } from '../parts/store.js'

export function HubBanner() {
  const { hub, servers, client } = yard
  const { error } = useStore(hub)
  const connected = connectedIn(useStore(servers))
  if (error === undefined) return null
  if (error.refusal === 'TOKEN_NEEDED' || error.refusal === 'TOKEN_WRONG')
    return <TokenBanner isWrong={error.refusal === 'TOKEN_WRONG'} />
  return (
    <div class="banner" role="alert">
      <p>
        <strong>{error.refusal === undefined ? 'The hub is lost.' : 'The hub refuses this page.'}</strong>{' '}
        {error.message}
      </p>
      <p class="hint">
        {connected > 0
          ? `${count(connected, 'connection')} to servers still ${connected === 1 ? 'works' : 'work'}, if not through the hub: messages come and go. What starts or stops is not seen.`
          : 'What starts or stops is not seen.'}{' '}
        It is asked again every five seconds.{' '}
        <button type="button" onClick={() => void client.refresh()}>
          Ask now
        </button>
      </p>
    </div>
  )
}

/** The page has not been opened by the link of its hub. */
function TokenBanner({ isWrong }: { isWrong: boolean }) {
  const [link, setLink] = useState('')
  const token = /(?:^|#token=)([\w-]{43})$/.exec(link.trim())?.[1]
  return (
    <form
      class="banner"
      onSubmit={(event) => {
        event.preventDefault()
        if (token === undefined) return
        location.hash = `token=${token}`
        location.reload()
      }}
    >
      <p role="alert">
        <strong>{isWrong ? 'This token is not the one of this hub.' : 'This hub asks for a token.'}</strong>{' '}
        Open the page by the link that the hub printed when it started, or paste it here.
      </p>
      <div class="paste">
        <input
          type="text"
          aria-label="Link of the hub"
          placeholder="http://127.0.0.1:9793/#token=…"
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
