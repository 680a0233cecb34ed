/**
 * What a client is, for those who use one: its options, its events, and what it can do.
 */
import type { RemovalReason, WsyardError } from '../core/index.js'
import type { ClientServer, Shape } from './server-list.js'
import type { ServerWebSocket } from './server-socket.js'
import type { Transport } from './server-url.js'

/** What a WebSocket message carries: text, or bytes. */
export type MessageData = string | ArrayBuffer

/** What a WebSocket can send. */
export type SendData = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob

export interface ClientOptions {
  /**
   * Origin of the hub, as `http://localhost:5173`. Needed outside of a page.
   * @default the origin of the page
   */
  hub?: string
  /**
   * What a hub asks for that is not of the page's own origin. A page that came from its hub needs none: the link that the hub printed
   * has let the browser in.
   */
  token?: string
  /**
   * `'direct'`: straight to each server's port. `'relay'`: all through the hub. `'auto'`: straight where page and server
   * are on this machine and the server is open, and through the hub where that is not so or does not work.
   * @default 'auto'
   */
  transport?: Transport
  /**
   * How many WebSockets may be opening at once, 1 or more; through the hub it is one. More is slower in a browser, which throttles pages
   * that do.
   * @default 4
   */
  maxHandshakes?: number
  /**
   * The most milliseconds between two looks at the registry while the hub cannot push what changes, 100 or more; the first come
   * sooner. Less finds new servers sooner and asks the hub more often.
   * @default 5000
   */
  pollMs?: number
  /**
   * The root of the project that the page belongs to, absolute, without a slash at its end or `..`: of several servers with one name the
   * page's is one that runs in it.
   * @default that of the hub, which in Vite is the worktree that it runs in
   */
  scope?: string
  /** Closes the client when it is aborted. */
  signal?: AbortSignal
}

export interface ConnectAllOptions<S extends Shape = Shape> {
  /** Which servers to connect to. Asked again whenever a server changes. @default all */
  filter?: (server: ClientServer<S>) => boolean
}

export interface BroadcastOptions<S extends Shape = Shape> {
  /** To which of the connected servers it goes. @default all */
  filter?: (server: ClientServer<S>) => boolean
}

export interface ConnectOptions {
  /**
   * What to ask of the server: a path, with or without a query, or only a query for the path that its entry has.
   * @default the path of its entry
   */
  path?: string
  /** Subprotocols to offer to the server. @default none */
  protocols?: string | readonly string[]
  /**
   * Whether another connection follows one that has ended. Without, it ends as any WebSocket does.
   * @default true
   */
  reconnect?: boolean
}

/**
 * Whether the hub answers. `connecting`: it has not yet. `live`: it tells every change at once. `polling`: it answers, but cannot push, so that changes are
 * seen at the next look. `lost`: it does not answer; the last known servers and their connections stay.
 */
export type HubStatus = 'connecting' | 'live' | 'polling' | 'lost'

/** What happened to a server. */
export type ServerChange<S extends Shape = Shape> =
  | { readonly type: 'added' | 'updated'; readonly server: ClientServer<S> }
  | { readonly type: 'removed'; readonly server: ClientServer<S>; readonly reason: RemovalReason | undefined }

/** The client's events, with what their listeners get. */
export type ClientEvents<S extends Shape = Shape> = {
  added: [server: ClientServer<S>]
  /** Its entry or its connection changed. */
  updated: [server: ClientServer<S>]
  /** `reason` is undefined where the hub had no way to tell. */
  removed: [server: ClientServer<S>, reason: RemovalReason | undefined]
  /** From a server that `connectAll` has connected to. */
  message: [server: ClientServer<S>, data: MessageData]
  status: [status: HubStatus]
  /** The hub could not be asked. It is asked again. */
  error: [error: WsyardError]
  /**
   * `servers`, `status` or `error` is other than before: for those that render. At most once a frame, however much has happened, and
   * four times a second where there are no frames, as in a page that nobody sees.
   */
  change: []
  /** The client was closed. */
  close: []
}

/** A client without sockets of one's own. */
export interface LiteClient<S extends Shape = Shape> extends Disposable {
  /** The servers there are. A new array whenever anything in it changes. */
  readonly servers: readonly ClientServer<S>[]
  /** How it stands with the hub. */
  readonly status: HubStatus
  /** Why the hub is `lost`; undefined while it is not. */
  readonly error: WsyardError | undefined
  /** Adds a listener. Returns its undo. What a listener throws is an uncaught error of the page; the others are called all the same. */
  on<Name extends keyof ClientEvents<S>>(
    name: Name,
    listener: (...args: ClientEvents<S>[Name]) => void,
  ): () => void
  /**
   * Keeps a WebSocket to every server, as servers come and go. Returns its undo. A second call replaces the first: what both
   * match stays connected, and the undo of the first does nothing any more.
   */
  connectAll(options?: ConnectAllOptions<S>): () => void
  /**
   * The server of this id, or else one of this name: of the page's project before any other, one that is up before one that is not, and of
   * those the newest. Once it was one of the page's project, it is none of another.
   */
  find(idOrName: string): ClientServer<S> | undefined
  /** Sends to the servers that `connectAll` has connected to. Returns those to which it went. */
  broadcast(data: SendData, options?: BroadcastOptions<S>): readonly ClientServer<S>[]
  /**
   * How many milliseconds this server takes to answer its hub. Undefined where it does not, or is not to be asked: only what
   * registered by wsyard's rules is, and only for the hub's own page. Never rejects.
   */
  probe(id: string): Promise<number | undefined>
  /**
   * Has the browser ask its user whether this page may reach a hub of this machine, which Chrome wants of pages that came from elsewhere
   * (`error.code` is `WSYARD_ERR_BROWSER_BLOCKS`). To be called from a click; nothing is asked before. Resolves to `'granted'`, at once
   * where nobody has to be asked; to `'prompt'` if the user has not decided; or to `'denied'`: then only the browser's settings of the
   * site help. Never rejects.
   */
  requestAccess(): Promise<PermissionState>
  /** Asks the hub now. Never rejects: see the `error` event. */
  refresh(): Promise<void>
  /** Closes every WebSocket, those made later too, stops asking, and ends iterations. `servers` stays as it was. Works twice. */
  close(): void
}

export interface Client<S extends Shape = Shape> extends LiteClient<S>, AsyncIterable<ServerChange<S>> {
  /**
   * A WebSocket to the server that `find` finds. It waits for a server that is not there, follows a
   * name to where it restarts, and comes back after failures: `open` and `close` come for each connection, and `readyState` is
   * `CLOSED` after `close()`, or with `reconnect: false` after its one connection. While it is `CONNECTING`, `send` throws as it does in a browser.
   * It goes to no other project while the server of the page's own restarts, and leaves another's, which it took for want of one, when that
   * comes.
   *
   * @throws {DOMException} SyntaxError for subprotocols that are none
   */
  connect(idOrName: string, options?: ConnectOptions): ServerWebSocket
  /**
   * A class to hand to a library that takes one in place of `WebSocket`. Of the URL that it is made with, path and query count:
   * `ws://any/room` asks the server for `/room`, and `ws://any` for the path of its entry. Each is one connection, which waits
   * until the server is there; coming back is left to the library.
   */
  webSocketFor(idOrName: string): typeof WebSocket
}
