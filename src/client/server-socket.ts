/**
 * The browser's WebSocket interface over a link, so that one socket outlives the restarts of its server.
 */
import type { SnapshotServer } from '../core/index.js'
import { createLink } from './link.js'
import type { Dialer, Link, LinkTarget } from './link-types.js'
import { CONNECTING, defineInterface, type Handlers, protocolList, webSocketUrl } from './socket-interface.js'
import type { ConnectionReason, ConnectionState } from './standing.js'

/** The browser's WebSocket, and what it is connected to. Dispatches `statechange` when `connection` or `reason` changes. */
export interface ServerWebSocket extends WebSocket {
  /** The server that it is connected to, dials or has last dialled. */
  readonly server: SnapshotServer | undefined
  /** How the connection stands. */
  readonly connection: ConnectionState
  /** Why it is not connected; undefined while it is, and after `close()`. */
  readonly reason: ConnectionReason | undefined
}

interface SocketTarget extends Omit<LinkTarget, 'binaryType'> {
  readonly protocols: readonly string[]
  /** What it was made with, where that was a URL; else it has the one that is dialled. */
  readonly url?: string
}

export class ServerSocket extends EventTarget {
  readonly #target: SocketTarget & { binaryType: BinaryType }
  readonly #link: Link
  readonly #handlers: Handlers = {
    handleEvent(event) {
      const handler = this[event.type]
      if (typeof handler === 'function') handler.call(event.currentTarget, event)
    },
  }

  static {
    defineInterface(ServerSocket, (socket) => (socket as ServerSocket).#handlers)
  }

  constructor(target: SocketTarget) {
    super()
    this.#target = { ...target, binaryType: 'blob' }
    this.#link = createLink(this.#target, {
      onStanding: () => {
        this.dispatchEvent(new Event('statechange'))
      },
      onOpen: () => {
        this.dispatchEvent(new Event('open'))
      },
      onMessage: ({ data, origin }) => {
        this.dispatchEvent(new MessageEvent('message', { data, origin }))
      },
      onClose: ({ code, reason, wasClean }, isError) => {
        const init = { code, reason, wasClean }
        if (isError) this.dispatchEvent(new Event('error'))
        this.dispatchEvent(
          // Node has had the class since version 23.
          globalThis.CloseEvent ? new CloseEvent('close', init) : Object.assign(new Event('close'), init),
        )
      },
    })
    this.#link.look()
  }

  get url(): string {
    return this.#target.url ?? this.#link.socket?.url ?? ''
  }
  get readyState(): number {
    return this.#link.readyState
  }
  get bufferedAmount(): number {
    return this.#link.socket?.bufferedAmount ?? 0
  }
  get extensions(): string {
    return this.#link.socket?.extensions ?? ''
  }
  get protocol(): string {
    const protocol = this.#link.socket?.protocol ?? ''
    return this.#target.protocols.includes(protocol) ? protocol : '' // and not the one that the hub names
  }
  get binaryType(): BinaryType {
    return this.#target.binaryType
  }
  set binaryType(given: BinaryType) {
    const binaryType = `${given}`
    if (binaryType !== 'blob' && binaryType !== 'arraybuffer') return
    this.#target.binaryType = binaryType
    const { socket } = this.#link
    if (socket) socket.binaryType = binaryType
  }
  get server(): SnapshotServer | undefined {
    return this.#link.server
  }
  get connection(): ConnectionState {
    return this.#link.standing.connection
  }
  get reason(): ConnectionReason | undefined {
    return this.#link.standing.reason
  }

  send(...given: Parameters<WebSocket['send']>): void {
    const { socket, readyState } = this.#link
    // A socket that is connecting itself complains, and of the arguments first.
    if (readyState === CONNECTING && socket?.readyState !== CONNECTING)
      throw new DOMException('Still connecting', 'InvalidStateError')
    socket?.send(...given)
  }

  close(...given: Parameters<WebSocket['close']>): void {
    this.#link.close(...given)
  }
}

Object.defineProperties(ServerSocket.prototype.send, { length: { value: 1 } })

/**
 * The class itself, made with a URL as the browser's WebSocket is. Of the URL, path and query count; each socket is one connection.
 */
export function socketClass(dialer: Dialer, idOrName: string): typeof WebSocket {
  return new Proxy(ServerSocket, {
    construct(socket, given, newTarget) {
      if (given.length === 0) throw new TypeError('A WebSocket needs a URL')
      const { href: url, pathname, search } = webSocketUrl(given[0])
      const asked = pathname + search
      const path = asked === '/' ? '' : asked
      const target = { dialer, idOrName, path, protocols: protocolList(given[1]), reconnect: false, url }
      return Reflect.construct(socket, [target], newTarget)
    },
  }) as unknown as typeof WebSocket
}
