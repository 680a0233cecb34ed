/**
 * A client of the push socket, as strict as `PROTOCOL.md` lets it be: a gap, a repetition, a step back, a bookmark of another point, a
 * server added twice or removed without being there is an error here, within a connection and across reconnects.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { PushMessage, SnapshotServer } from '../../src/core/index.js'

export interface PushClient {
  /** Everything that it was sent, in all connections. */
  readonly messages: readonly PushMessage[]
  /** What was wrong with that. */
  readonly complaints: readonly string[]
  /** The last message that had a revision. */
  readonly last: { readonly epoch: string; readonly revision: number } | undefined
  readonly socket: WebSocket
  ids(): string[]
  /** Connects, again if it was, and goes on where it was, or begins anew. Resolves when it is open. */
  connect(from?: 'there' | 'anew'): Promise<void>
  /** Ends its connection without a word, and resolves when nothing more comes. */
  drop(): Promise<void>
}

export function createPushClient(
  url: () => string,
  protocols: readonly string[] = ['wsyard.v1'],
): PushClient {
  const messages: PushMessage[] = []
  const complaints: string[] = []
  const servers = new Map<string, SnapshotServer>()
  let last: { epoch: string; revision: number } | undefined
  let parts: SnapshotServer[] = []
  let socket: WebSocket

  const must = (holds: boolean, what: string): void => {
    if (!holds) complaints.push(`${what}, after ${last?.epoch}.${last?.revision}`)
  }
  const take = (message: PushMessage): void => {
    messages.push(message)
    must(
      parts.length === 0 || !['change', 'bookmark'].includes(message.type),
      `a ${message.type} came between parts`,
    )
    if (message.type === 'part') parts.push(...message.entries)
    else if (message.type === 'bookmark')
      must(
        message.epoch === last?.epoch && message.revision === last?.revision,
        `a bookmark of ${message.revision} came`,
      )
    else if (message.type === 'snapshot') {
      const { epoch, revision } = message
      must(epoch !== last?.epoch || revision >= last.revision, `a snapshot of ${revision} came`)
      servers.clear()
      for (const server of [...parts, ...message.entries]) {
        must(!servers.has(server.id), `${server.id} is twice in the snapshot`)
        servers.set(server.id, server)
      }
      parts = []
      last = { epoch, revision }
    } else if (message.type === 'change') {
      const { epoch, revision } = message
      must(epoch === last?.epoch && revision === last.revision + 1, `the change ${epoch}.${revision} came`)
      for (const { type, entry: server } of message.changes) {
        must(servers.has(server.id) === (type !== 'added'), `${server.id} was ${type}`)
        if (type === 'removed') servers.delete(server.id)
        else servers.set(server.id, server)
      }
      last = { epoch, revision }
    }
  }

  return {
    messages,
    complaints,
    get last() {
      return last
    },
    get socket() {
      return socket
    },
    ids: () => [...servers.keys()].sort(),
    async connect(from = 'there') {
      const query = from === 'there' && last ? `?epoch=${last.epoch}&revision=${last.revision}` : ''
      const opened = new WebSocket(url() + query, [...protocols])
      socket = opened
      parts = []
      opened.on('message', (data) => {
        if (socket === opened) take(JSON.parse(String(data)))
      })
      await once(opened, 'open')
    },
    async drop() {
      const closed = once(socket, 'close')
      socket.terminate()
      await closed
    },
  }
}
