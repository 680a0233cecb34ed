/** Everything that was sent and received, newest last, up to a limit. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Client, ClientServer, MessageData } from 'wsyard/client'

export interface LogLine {
  readonly key: number
  readonly at: Date
  readonly kind: 'sent' | 'received' | 'event'
  /** The server that it went to or came from. */
  readonly server: string
  readonly text: string
}

export interface Log {
  readonly lines: readonly LogLine[]
  /** Notes what was sent, one line for each server that it went to. */
  sent(servers: readonly ClientServer[], text: string): void
  clear(): void
}

/** Older lines are forgotten. */
const maxLines = 500

export function useLog(client: Client): Log {
  const [lines, setLines] = useState<readonly LogLine[]>([])
  const pending = useRef<LogLine[]>([])
  const nextKey = useRef(0)

  /** Lines that arrive within one frame are rendered together. */
  const add = useCallback((kind: LogLine['kind'], server: ClientServer, text: string): void => {
    if (pending.current.length === 0) {
      requestAnimationFrame(() => {
        const arrived = pending.current
        pending.current = []
        setLines((before) => [...before, ...arrived].slice(-maxLines))
      })
    }
    const key = nextKey.current
    nextKey.current += 1
    pending.current.push({ key, at: new Date(), kind, server: labelOf(server), text })
    if (pending.current.length > maxLines) pending.current.shift()
  }, [])

  useEffect(() => {
    const undo = [
      client.on('message', (server, data) => add('received', server, textOf(data))),
      client.on('added', (server) => add('event', server, 'Found')),
      client.on('removed', (server) => add('event', server, 'Gone from the registry')),
    ]
    return () => {
      for (const off of undo) off()
    }
  }, [client, add])

  return {
    lines,
    sent(servers, text) {
      for (const server of servers) add('sent', server, `Sent: ${text}`)
    },
    clear: () => setLines([]),
  }
}

function labelOf({ name, id }: ClientServer): string {
  return name ?? id
}

function textOf(data: MessageData): string {
  return typeof data === 'string' ? data : `${data.byteLength} bytes`
}
