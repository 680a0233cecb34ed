/** The servers, each with how the page's connection to it stands; one of them, or all, can be picked to talk to. */
import { useServers } from 'wsyard/react'

interface ServerListProps {
  /** The name or id of the one to talk to; undefined for all. */
  picked: string | undefined
  onPick: (idOrName: string | undefined) => void
}

export function ServerList({ picked, onPick }: ServerListProps) {
  const servers = useServers()
  return (
    <nav aria-label="Servers">
      <button type="button" aria-pressed={picked === undefined} onClick={() => onPick(undefined)}>
        <b>Everyone</b>
        <small>
          {servers.length} {servers.length === 1 ? 'server' : 'servers'}
        </small>
      </button>
      {servers.map(({ id, name = id, port, connection }) => (
        <button key={id} type="button" aria-pressed={picked === name} onClick={() => onPick(name)}>
          <b>{name}</b>
          <small>
            port {port} · <span className={connection}>{connection}</span>
          </small>
        </button>
      ))}
      {servers.length === 0 && (
        <p>
          No servers are running. Start one: <code>npm run server</code>
        </p>
      )}
    </nav>
  )
}
