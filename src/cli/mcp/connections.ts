/**
 * The connections that an agent has open, by short ids, and no more of them than it may have.
 */
import type { Entry } from '../../core/index.js'
import { openSocket, type SocketOptions } from '../connect/open-socket.js'
import { type Connection, createConnection } from './connection.js'
import { maxConnections, maxTakenBytes } from './limits.js'

export interface Connections {
  /**
   * @param signal gives it up when it is aborted
   * @throws {WsyardError} `WSYARD_ERR_SERVER_UNREACHABLE`.
   * @throws {RangeError} when there are too many.
   */
  open(
    server: Entry,
    options: SocketOptions,
    signal: AbortSignal,
  ): Promise<{ id: string; connection: Connection }>
  /** @throws {RangeError} when there is none of that id. */
  get(id: string): Connection
  /** Forgets it. Closing it is its own affair. */
  delete(id: string): void
  /** Closes all, and gives up those that are being opened. */
  close(): Promise<void>
}

export function createConnections(): Connections {
  const connections = new Map<string, Connection>()
  let opened = 0
  /** What gives up each that is being opened. */
  const opening = new Set<AbortController>()

  /** One that has ended is kept for what is unread in it, and only as long as nobody needs its place. */
  const makeRoom = (): void => {
    if (connections.size + opening.size < maxConnections) return
    const ended = [...connections].find(([, { closing }]) => closing !== undefined)
    if (ended === undefined) {
      const open = [...connections].map(([id, { server }]) => `${id} to ${server.name ?? server.id}`)
      const advice = open.length === 0 ? 'Try again.' : `Disconnect one: ${open.join(', ')}.`
      throw new RangeError(
        `${maxConnections} connections are open or being opened, which is the most. ${advice}`,
      )
    }
    connections.delete(ended[0])
  }

  return {
    async open(server, options, signal) {
      makeRoom()
      const giveUp = new AbortController()
      const abort = (): void => giveUp.abort()
      opening.add(giveUp)
      signal.addEventListener('abort', abort)
      if (signal.aborted) abort()
      try {
        const limited = { ...options, maxPayloadBytes: maxTakenBytes }
        const socket = await openSocket(server, limited, giveUp.signal)
        const connection = createConnection(socket, server)
        opened += 1
        const id = `c${opened}`
        connections.set(id, connection)
        return { id, connection }
      } finally {
        opening.delete(giveUp)
        signal.removeEventListener('abort', abort)
      }
    },
    get(id) {
      const connection = connections.get(id)
      if (connection !== undefined) return connection
      const open =
        connections.size === 0 ? 'There is none' : `There are: ${[...connections.keys()].join(', ')}`
      throw new RangeError(`There is no connection "${id}". ${open}. Ask connect for one.`)
    },
    delete: (id) => void connections.delete(id),
    async close() {
      for (const giveUp of opening) giveUp.abort()
      await Promise.all([...connections.values()].map((connection) => connection.close()))
    },
  }
}
