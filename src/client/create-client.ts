/**
 * What a page imports: the list of servers, always current, and a socket to each of them.
 */
import { diffEntries, type SnapshotServer, type WsyardError } from '../core/index.js'
import {
  type ConnectionState,
  type Connections,
  createConnections,
  type MessageData,
  type SendData,
} from './connect-all.js'
import { createEmitter } from './emitter.js'
import { followHub } from './follow-hub.js'

export interface ClientOptions {
  /**
   * Origin of the hub, as `http://localhost:5173`.
   * @default the origin of the page
   */
  hub?: string
  /**
   * Milliseconds between two looks at the registry. Shorter finds new servers sooner and asks the hub more often.
   * @default 5000
   */
  pollMs?: number
}

export interface ConnectAllOptions {
  /** Which servers to connect to. Asked again whenever a server changes. @default all */
  filter?: (server: SnapshotServer) => boolean
  /**
   * How many sockets may be opening at once. More is slower in a browser, which throttles pages that do.
   * @default 4
   */
  maxHandshakes?: number
}

/** A server, and how this client's connection to it stands. A changed one is a new object. */
export interface ClientServer extends SnapshotServer {
  readonly connection: ConnectionState
  /** Why `connection` is `disconnected`, in words for a person. */
  readonly reason?: string
}

/** Whether the hub answers: `lost` keeps the last known servers and their connections. */
export type HubStatus = 'connecting' | 'live' | 'lost'

/** The client's events, with what their listeners get. */
export type ClientEvents = {
  added: [server: ClientServer]
  /** Its entry or its connection changed. */
  updated: [server: ClientServer]
  removed: [server: ClientServer]
  message: [server: ClientServer, data: MessageData]
  /** The hub came within reach or went out of it. */
  status: [status: HubStatus]
  /** The hub could not be asked. It is asked again at the next interval. */
  error: [error: WsyardError]
}

export interface Client extends Disposable {
  /** The servers there are, oldest first. A new array whenever anything in it changes. */
  readonly servers: readonly ClientServer[]
  readonly status: HubStatus
  /** Adds a listener. Returns its undo. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (...args: ClientEvents[Name]) => void): () => void
  /** Keeps a socket to every server, as servers come and go. Returns its undo; a second call replaces the first. */
  connectAll(options?: ConnectAllOptions): () => void
  /** Sends to every connected server. Returns those to which it went. */
  broadcast(data: SendData): readonly ClientServer[]
  /** Asks the hub now instead of at the next interval. Never rejects: see the `error` event. */
  refresh(): Promise<void>
  /** Closes every socket and stops asking. */
  close(): void
}

/**
 * Follows a hub.
 *
 * @example
 * const client = createClient()
 * client.connectAll()
 * client.on('message', (server, data) => console.log(server.id, data))
 *
 * @throws {TypeError} for options that make no sense.
 */
export function createClient(options: ClientOptions = {}): Client {
  const { hub = '', pollMs = 5000 } = options
  if (!(pollMs >= 100 && pollMs < 2 ** 31))
    throw new TypeError(`pollMs must be from 100 to 2147483647 (got ${pollMs})`)
  if (hub !== '' && !/^https?:\/\/[^/?#\s]+$/.test(hub)) {
    throw new TypeError(`hub must be an origin such as http://localhost:5173 (got "${hub}")`)
  }

  const events = createEmitter<ClientEvents>()
  let entries: ReadonlyMap<string, SnapshotServer> = new Map()
  let servers: readonly ClientServer[] = []
  let status: HubStatus = 'connecting'
  let connections: Connections | undefined
  let filter: (server: SnapshotServer) => boolean = () => true

  const setStatus = (next: HubStatus): void => {
    if (status === next) return
    status = next
    events.emit('status', next)
  }

  const find = (id: string): ClientServer | undefined => servers.find((server) => server.id === id)

  const replace = (server: ClientServer): void => {
    servers = servers.map((present) => (present.id === server.id ? server : present))
    events.emit('updated', server)
  }

  const onServers = (list: readonly SnapshotServer[]): void => {
    setStatus('live')
    const next = new Map(list.map((server) => [server.id, server]))
    const changes = diffEntries(entries, next, () => 'deregistered')
    entries = next
    for (const change of changes) {
      const { id } = change.entry
      const present = find(id)
      if (change.type === 'removed') {
        servers = servers.filter((server) => server.id !== id)
        if (present !== undefined) events.emit('removed', present)
      } else if (change.type === 'updated' && present !== undefined) {
        const { connection, reason } = present
        replace({ ...change.entry, connection, ...(reason === undefined ? {} : { reason }) })
      } else {
        const added: ClientServer = { ...change.entry, connection: 'disconnected' }
        servers = [...servers, added]
        events.emit('added', added)
      }
    }
    connections?.update(list.filter(filter))
  }

  const follower = followHub({
    url: `${hub}/api/registry`,
    pollMs,
    onServers,
    onError(error) {
      setStatus('lost')
      events.emit('error', error)
      connections?.update([...entries.values()].filter(filter))
    },
  })

  const disconnectAll = (): void => {
    connections?.close()
    connections = undefined
    for (const { reason: _, ...server } of servers) {
      if (server.connection !== 'disconnected') replace({ ...server, connection: 'disconnected' })
    }
  }

  const connectAll = ({
    filter: matches = () => true,
    maxHandshakes = 4,
  }: ConnectAllOptions = {}): (() => void) => {
    if (!(maxHandshakes >= 1)) throw new TypeError(`maxHandshakes must be at least 1 (got ${maxHandshakes})`)
    disconnectAll()
    filter = (server) => {
      try {
        return matches(server)
      } catch (error) {
        reportError(error) // the page's own defect; a server that it cannot judge is not connected to
        return false
      }
    }
    const own = createConnections(
      {
        onState(id, connection, reason) {
          const server = find(id)
          if (server === undefined) return
          const { reason: _, ...rest } = server
          replace({ ...rest, connection, ...(reason === undefined ? {} : { reason }) })
        },
        onMessage(id, data) {
          const server = find(id)
          if (server !== undefined) events.emit('message', server, data)
        },
      },
      maxHandshakes,
    )
    connections = own
    own.update([...entries.values()].filter(filter))
    return () => {
      if (connections === own) disconnectAll()
    }
  }

  const close = (): void => {
    follower.close()
    disconnectAll()
  }

  return {
    get servers() {
      return servers
    },
    get status() {
      return status
    },
    on: events.on,
    connectAll,
    broadcast(data) {
      const ids = new Set(connections?.broadcast(data))
      return servers.filter(({ id }) => ids.has(id))
    },
    refresh: () => follower.refresh(),
    close,
    [Symbol.dispose]: close,
  }
}
