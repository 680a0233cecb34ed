/**
 * One WebSocket to a server, for as long as a component is there, and what came by it.
 */
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import type {
  ClientServer,
  ConnectionReason,
  ConnectionState,
  ConnectOptions,
  MessageData,
  SendData,
  ServerWebSocket,
} from '../client/index.js'
import { useClient } from './provider.js'

/** What `useSocket` gives. */
export interface Socket {
  /** The socket itself, for its events; undefined at the first rendering. */
  readonly socket: ServerWebSocket | undefined
  /** How the connection stands: `disconnected` while there is no `socket`. */
  readonly connection: ConnectionState
  /** Why it is not connected, where there is something to say. */
  readonly reason: ConnectionReason | undefined
  /** Sends if it is connected. Returns whether it was. */
  send(data: SendData): boolean
}

/**
 * A WebSocket to the server of this id, or else the newest of this name. It is opened when the component is mounted, follows
 * the server over restarts, and is closed with the component. Rendered again when the connection changes, and not for messages.
 *
 * @example
 * const { connection, send } = useSocket('worker-a')
 * return <button disabled={connection !== 'connected'} onClick={() => send('hello')}>Say hello</button>
 */
export function useSocket(idOrName: string, options: ConnectOptions = {}): Socket {
  const { path, protocols, reconnect } = options
  const client = useClient()
  const [socket, setSocket] = useState<ServerWebSocket>()
  const offered = [protocols ?? []].flat().join()
  useEffect(() => {
    const opened = client?.connect(idOrName, {
      ...(path !== undefined && { path }),
      ...(reconnect !== undefined && { reconnect }),
      protocols: offered === '' ? [] : offered.split(','),
    })
    setSocket(opened)
    return () => opened?.close()
  }, [client, idOrName, path, offered, reconnect])
  const subscribe = useCallback(
    (onChange: () => void) => {
      socket?.addEventListener('statechange', onChange)
      return () => socket?.removeEventListener('statechange', onChange)
    },
    [socket],
  )
  const connection = useSyncExternalStore<ConnectionState>(
    subscribe,
    () => socket?.connection ?? 'disconnected',
    () => 'disconnected',
  )
  const reason = useSyncExternalStore(
    subscribe,
    () => socket?.reason,
    () => undefined,
  )
  const send = useCallback(
    (data: SendData) => {
      if (socket === undefined || socket.readyState !== socket.OPEN) return false
      socket.send(data)
      return true
    },
    [socket],
  )
  return { socket, connection, reason, send }
}

/** What came by a socket. */
export interface Message {
  /** From whom, where that is known. */
  readonly server: Pick<ClientServer, 'id' | 'name'> | undefined
  /** Text, or bytes: of a socket as its `binaryType` says, and with `'all'` an `ArrayBuffer`. */
  readonly data: MessageData | Blob
}

/**
 * The last messages, the newest at the end: those of a socket, or with `'all'` those of every server that the client is
 * connected to by `connectAll`. The array begins anew with another socket.
 *
 * @param limit how many are kept; older ones are forgotten. @default 100
 * @example
 * const { socket } = useSocket('worker-a')
 * const messages = useMessages(socket)
 */
export function useMessages(from: ServerWebSocket | 'all' | undefined, limit = 100): readonly Message[] {
  const client = useClient()
  const [kept, setKept] = useState<{ from: typeof from; messages: readonly Message[] }>({
    from,
    messages: none,
  })
  useEffect(() => {
    const keep = (message: Message): void =>
      setKept((last) => {
        const messages = [...(last.from === from ? last.messages : none), message]
        return { from, messages: messages.slice(Math.max(0, messages.length - limit)) }
      })
    if (from === 'all') return client?.on('message', (server, data) => keep({ server, data }))
    const hear = ({ data }: MessageEvent<MessageData | Blob>): void => keep({ server: from?.server, data })
    from?.addEventListener('message', hear)
    return () => from?.removeEventListener('message', hear)
  }, [client, from, limit])
  return kept.from === from ? kept.messages : none
}

const none: readonly Message[] = []
