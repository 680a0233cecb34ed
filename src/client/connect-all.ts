/**
 * One WebSocket to each of a changing set of servers, opened a few at a time. Which servers there are is decided by
 * whoever calls `update`.
 */
import { reasonOf, type SnapshotServer } from '../core/index.js'
import { serverAddress } from './server-url.js'

/** What a page can know of its socket to one server. */
export type ConnectionState = 'connecting' | 'connected' | 'disconnected'

/** What a WebSocket message carries: text, or bytes. */
export type MessageData = string | ArrayBuffer

/** What a WebSocket can send. */
export type SendData = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob

export interface ConnectionEvents {
  /** `reason` says why a socket is disconnected, in words for a person. */
  onState: (id: string, state: ConnectionState, reason?: string) => void
  onMessage: (id: string, data: MessageData) => void
}

export interface Connections {
  /** Makes `servers` the set: opens what is missing, closes what has gone, tries again what was lost. */
  update(servers: readonly SnapshotServer[]): void
  /** Sends to every connected server. Returns the ids to which it went. */
  broadcast(data: SendData): string[]
  close(): void
}

/** A server on this machine answers in milliseconds; one that accepts and stays silent is given up after this. */
const handshakeMs = 5000

interface Connection {
  server: SnapshotServer
  state: ConnectionState
  reason?: string | undefined
  socket?: WebSocket
  /** Failures since it was last connected. Those that have failed wait behind those that have not. */
  failures: number
}

/**
 * @param maxHandshakes how many sockets may be opening at once. Chromium throttles pages with many pending sockets:
 *   20 at once take seconds to open, 4 at a time take milliseconds.
 */
export function createConnections(
  { onState, onMessage }: ConnectionEvents,
  maxHandshakes: number,
): Connections {
  const connections = new Map<string, Connection>()
  let handshakes = 0
  let closed = false

  const setState = (connection: Connection, state: ConnectionState, reason?: string): void => {
    connection.state = state
    connection.reason = reason
    onState(connection.server.id, state, reason)
  }

  const openNext = (): void => {
    while (!closed && handshakes < maxHandshakes) {
      const waiting = [...connections.values()].filter(
        ({ state, socket }) => state === 'connecting' && !socket,
      )
      const next = waiting.reduce<Connection | undefined>(
        (best, candidate) => (best === undefined || candidate.failures < best.failures ? candidate : best),
        undefined,
      )
      if (next === undefined) return
      const address = serverAddress(next.server)
      if ('obstacle' in address) setState(next, 'disconnected', address.obstacle)
      else open(next, address.url)
    }
  }

  const open = (connection: Connection, url: string): void => {
    let socket: WebSocket
    try {
      socket = new WebSocket(url)
    } catch (error) {
      setState(connection, 'disconnected', `the browser does not dial ${url}: ${reasonOf(error)}`)
      return
    }
    handshakes += 1
    socket.binaryType = 'arraybuffer'
    connection.socket = socket
    let opening = true
    let reason: string | undefined
    const timer = setTimeout(() => {
      reason = `it accepted the connection but did not answer within ${handshakeMs / 1000} s`
      socket.close()
    }, handshakeMs)
    const handshakeEnded = (): void => {
      if (!opening) return
      opening = false
      clearTimeout(timer)
      handshakes -= 1
      queueMicrotask(openNext)
    }

    socket.addEventListener('open', () => {
      handshakeEnded()
      connection.failures = 0
      if (connection.socket === socket) setState(connection, 'connected')
    })
    socket.addEventListener('message', (event: MessageEvent<MessageData>) => {
      if (connection.socket === socket) onMessage(connection.server.id, event.data)
    })
    socket.addEventListener('close', (event) => {
      const failed = opening
      handshakeEnded()
      if (connection.socket !== socket) return
      delete connection.socket
      connection.failures += 1
      setState(connection, 'disconnected', reason ?? (failed ? refusedReason : closeReason(event)))
    })
  }

  const drop = (connection: Connection): void => {
    const { socket } = connection
    delete connection.socket // from here on its events are nobody's
    socket?.close()
  }

  const update = (servers: readonly SnapshotServer[]): void => {
    const wanted = new Map(servers.map((server) => [server.id, server]))
    for (const [id, connection] of connections) {
      const server = wanted.get(id)
      if (server !== undefined && isSameRun(server, connection.server)) continue
      connections.delete(id)
      drop(connection)
      onState(id, 'disconnected')
    }
    for (const server of servers) {
      if (closed) return // by a listener that has just been told something
      const connection = connections.get(server.id) ?? { server, state: 'disconnected', failures: 0 }
      connections.set(server.id, connection)
      connection.server = server
      if (connection.state === 'disconnected' && !isHopeless(connection)) setState(connection, 'connecting')
    }
    openNext()
  }

  return {
    update,
    broadcast(data) {
      const open = [...connections.values()].filter(({ state }) => state === 'connected')
      for (const { socket } of open) socket?.send(data)
      return open.map(({ server }) => server.id)
    },
    close() {
      closed = true
      for (const connection of connections.values()) drop(connection)
      connections.clear()
    },
  }
}

const refusedReason = 'nothing answers there, or it refuses this page'

function closeReason({ code, reason }: CloseEvent): string {
  if (code === 1006 || code === 1005) return 'the connection was lost'
  return reason === ''
    ? `it closed the connection (${code})`
    : `it closed the connection: ${reason} (${code})`
}

/** Whether the last attempt said why no attempt can succeed, and that still holds. */
function isHopeless({ server, reason }: Connection): boolean {
  const address = serverAddress(server)
  return 'obstacle' in address && address.obstacle === reason
}

function isSameRun(a: SnapshotServer, b: SnapshotServer): boolean {
  return (
    a.instance === b.instance &&
    a.pid === b.pid &&
    a.port === b.port &&
    a.host === b.host &&
    a.path === b.path
  )
}
