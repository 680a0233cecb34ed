import type { ConnectionState } from 'wsyard/client'

/** How a connection stands, told by shape as well as by colour, and by a word. */
export function State({ connection }: { connection: ConnectionState }) {
  return (
    <span class={`state state-${connection}`}>
      <StateMark connection={connection} />
      <span>{stateText[connection]}</span>
    </span>
  )
}

function StateMark({ connection }: { connection: ConnectionState }) {
  return (
    <svg class="mark" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {connection === 'connected' && <circle cx="6" cy="6" r="5" fill="currentColor" />}
      {connection === 'connecting' && (
        <circle class="spin line" cx="6" cy="6" r="4.5" stroke-dasharray="18 12" />
      )}
      {connection === 'unresponsive' && <path class="line" d="M6 1l5.2 9.5H.8zM6 4.5v2.5m0 1.6v.2" />}
      {connection === 'disconnected' && <path class="line" d="M2.5 2.5l7 7m0-7l-7 7" />}
    </svg>
  )
}

const stateText: Record<ConnectionState, string> = {
  connecting: 'Connecting',
  connected: 'Connected',
  disconnected: 'Disconnected',
  unresponsive: 'Unresponsive',
}
