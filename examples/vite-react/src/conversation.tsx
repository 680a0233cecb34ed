/** A log of what was received, and a field to send by. It knows nothing of servers. */
import { useState } from 'react'
import type { Message } from 'wsyard/react'

interface ConversationProps {
  title: string
  /** How the connection stands, in words. */
  state: string
  messages: readonly Message[]
  /** Undefined while nothing can be sent. */
  onSend: ((text: string) => void) | undefined
}

export function Conversation({ title, state, messages, onSend }: ConversationProps) {
  const [text, setText] = useState('Hello from React!')
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p>{state}</p>
      <div role="log" className="log">
        <ol>
          {messages.map(({ server, data }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has no state that could go astray
            <li key={at}>
              <b>{server?.name ?? server?.id}</b> {typeof data === 'string' ? data : 'bytes'}
            </li>
          ))}
        </ol>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSend?.(text)
        }}
      >
        <input
          aria-label="Message"
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={onSend === undefined || text === ''}>
          Send
        </button>
      </form>
    </section>
  )
}
