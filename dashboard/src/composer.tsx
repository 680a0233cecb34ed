import { useState } from 'preact/hooks'

export interface ComposerProps {
  /** How many servers a message would go to. */
  connected: number
  onSend: (text: string) => void
}

/** The field that speaks to every connected server at once. */
export function Composer({ connected, onSend }: ComposerProps) {
  const [text, setText] = useState('Hello from browser!')
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        if (connected > 0 && text !== '') onSend(text)
      }}
    >
      <input
        type="text"
        aria-label="Message to all connected servers"
        placeholder="Message to all connected servers"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="primary" disabled={connected === 0 || text === ''}>
        Send Test Message
      </button>
    </form>
  )
}
