import type { ClientServer } from 'wsyard/client'

/** One server: who it is, where it listens, and how our connection to it stands. */
export function ServerCard({ server }: { server: ClientServer }) {
  const { id, name, port, pid, startedAt, state, connection } = server
  const reason =
    server.reason ?? (state === 'unresponsive' ? 'the server runs and does not answer' : undefined)
  return (
    <li class={`card card-${connection}`} data-server-id={id}>
      <div class="card-head">
        <h3 title={name ?? id}>{name ?? id}</h3>
        <span class={`state state-${connection}`}>
          <StateMark connection={connection} />
          {stateText[connection]}
        </span>
      </div>
      <dl>
        <div class="wide">
          <dt>ID</dt>
          <dd class="mono">{id}</dd>
        </div>
        <div>
          <dt>Port</dt>
          <dd class="mono">{port}</dd>
        </div>
        <div>
          <dt>PID</dt>
          <dd class="mono">{pid}</dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>{startedAt === undefined ? 'unknown' : <Started at={startedAt} />}</dd>
        </div>
      </dl>
      {reason !== undefined && <p class="reason">{sentence(reason)}</p>}
    </li>
  )
}

const stateText = { connecting: 'Connecting', connected: 'Connected', disconnected: 'Disconnected' } as const

/** Differs in shape as well as in colour. */
function StateMark({ connection }: Pick<ClientServer, 'connection'>) {
  return (
    <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {connection === 'connected' && <circle cx="6" cy="6" r="5" fill="currentColor" />}
      {connection === 'connecting' && (
        <circle
          class="spin"
          cx="6"
          cy="6"
          r="4.5"
          fill="none"
          stroke="currentColor"
          stroke-width="2"
          stroke-dasharray="18 12"
        />
      )}
      {connection === 'disconnected' && (
        <path d="M2.5 2.5l7 7m0-7l-7 7" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
      )}
    </svg>
  )
}

function Started({ at }: { at: string }) {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return <>{at}</>
  return (
    <time dateTime={at} title={date.toString()}>
      {date.toLocaleTimeString()}
    </time>
  )
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
