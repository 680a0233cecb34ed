/**
 * A WebSocket server that registers itself: `ws` on a port that the system picks, closed to other web sites.
 */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WebSocket, WebSocketServer } from 'ws'
import {
  type Auth,
  checkOrigins,
  defined,
  isBearerProtocol,
  isLoopbackHost,
  type OnWarning,
  plainProtocol,
  type Refusal,
  type Rules,
  reasonOf,
  refusalBody,
  refusalHeaders,
  refusalOf,
  refusalResponse,
  refusalStatus,
  Token,
  WsyardError,
} from '../core/index.js'
import {
  isRegistry,
  isToken,
  newToken,
  openRegistry,
  type Registration,
  type Registry,
  type ServerDetails,
} from '../registry/index.js'
import { checkHost, checkNumber } from './check-options.js'

export interface ServerOptions extends Omit<ServerDetails, 'path' | 'auth' | 'token'> {
  /**
   * Port to listen on; 0 lets the system pick a free one.
   * @default 0
   */
  port?: number
  /**
   * Address to listen on, or `localhost`. With one that is not loopback other machines can connect, as hubs there do, and need the token.
   * @default '127.0.0.1'
   */
  host?: string
  /** Path that is registered for the WebSocket endpoint. Connections are accepted at any path. */
  path?: string
  /**
   * Who may connect: with `'token'` holders of a token that the server makes for itself and only programs of the same user
   * can read, so pages come through a hub. With `'open'` every page and program of this machine, pages of other web
   * sites still excepted.
   * @default 'token'
   */
  auth?: Auth
  /**
   * Origins that may connect besides loopback pages, as `https://app.example`, with the port if it is not the
   * scheme's own. Each can speak to this server from any visitor's browser on this machine.
   * @default []
   */
  origins?: readonly string[]
  /**
   * Largest message that is accepted, in bytes; a larger one closes its connection with 1009.
   * @default 16777216
   */
  maxPayloadBytes?: number
  /**
   * Registry to register in, or its URL, or several, as `openRegistry` takes them. One that was given as an object is not closed with the server.
   * @default openRegistry()
   */
  registry?: Registry | string | readonly string[]
  /**
   * Lets `auth: 'open'` go with a `host` that is not loopback: whoever reaches the port speaks with the server.
   * @default false
   */
  dangerouslyOpenToTheNetwork?: boolean
  /** Called for every connection. */
  onConnection?: (socket: WebSocket, request: IncomingMessage) => void
  /** Hears of what went wrong without stopping the server. Silent by default. */
  onWarning?: OnWarning
}

/** A listening, registered WebSocket server. */
export interface Server extends AsyncDisposable {
  /** That of its entry. */
  readonly id: string
  /** On which it listens. */
  readonly port: number
  /** Its place in the registry. */
  readonly registration: Registration
  /** The connections that are open now. */
  readonly clients: ReadonlySet<WebSocket>
  /** Deregisters, then closes every connection with 1001 and stops listening. Works twice. */
  close(): Promise<void>
}

/** How long connections are given to answer the close before they are cut. */
const closeMs = 1000

/**
 * Listens and registers. Resolves when both are done.
 *
 * @example
 * await createServer({
 *   name: 'worker-a',
 *   onConnection: (socket) => socket.on('message', (data) => socket.send(`Echo: ${data}`)),
 * })
 *
 * @throws {TypeError} for a `host` that is no address, `auth: 'open'` on one that is not loopback, `origins` that are not origins, and a number out of its range.
 * @throws {WsyardError} `WSYARD_ERR_LISTEN_FAILED` when it cannot listen, and as `openRegistry` and `Registry.register` do.
 */
export async function createServer(options: ServerOptions = {}): Promise<Server> {
  const {
    port = 0,
    host = '127.0.0.1',
    origins = [],
    auth = 'token',
    maxPayloadBytes = 16 * 1024 * 1024,
    onConnection = () => {},
    onWarning = () => {},
    registry: given,
  } = options
  const isOpenToNetwork = !isLoopbackHost(host)
  checkHost(host, auth, options.dangerouslyOpenToTheNetwork === true)
  checkOrigins(origins)
  checkNumber('port', port, 0, 65_535)
  checkNumber('maxPayloadBytes', maxPayloadBytes, 1, Number.MAX_SAFE_INTEGER)
  const isOwn = !isRegistry(given)
  const registry = isOwn ? openRegistry(defined({ registry: given, onWarning })) : given

  const clients = new Set<WebSocket>()
  let ended: Promise<void> | undefined
  const onOpen = (socket: WebSocket, request: IncomingMessage): void => {
    clients.add(socket)
    socket.on('close', () => clients.delete(socket))
    socket.on('error', () => {}) // ws has already closed the connection with the right code
    onConnection(socket, request)
  }
  // Loading ws takes longer than everything else here, so that is done when the server can already be found.
  let loading: Promise<WebSocketServer> | undefined
  const loadSockets = (): Promise<WebSocketServer> => {
    loading ??= import('ws').then(
      (ws) => new ws.WebSocketServer({ noServer: true, maxPayload: maxPayloadBytes, handleProtocols }),
    )
    return loading
  }
  const token = auth === 'token' ? new Token(newToken()) : undefined
  const rules: Rules = {
    hosts: isOpenToNetwork ? ['0.0.0.0'] : [], // any literal address: the name of a web site is none
    origins,
    pages: 'loopback',
    options: { origins: 'the option origins of createServer' },
    isToken: token && ((candidate) => isToken(candidate, token)),
    tokenHint: 'A page connects through a hub; a program of the same user finds the token in the registry.',
  }
  const http = createHttpServer((request, response) => {
    const refusal = refusalOf(request, { ...rules, isToken: undefined }) ?? upgradeNeeded
    response.writeHead(refusalStatus(refusal), { ...refusalHeaders(refusal), connection: 'close' })
    response.end(refusalBody(refusal))
  })
  http.on('upgrade', (request, stream, head) => {
    stream.on('error', () => {}) // the other side is free to be gone at any time
    const refusal = refusalOf(request, rules)
    if (refusal !== undefined) {
      stream.once('finish', () => stream.destroy())
      stream.end(refusalResponse(refusal))
    } else {
      loadSockets().then(
        (sockets) =>
          ended === undefined ? sockets.handleUpgrade(request, stream, head, onOpen) : stream.destroy(),
        () => stream.destroy(),
      )
    }
  })

  const address = await listen(http, port, host)
  const { name, id, path, meta, owner, scope, advertise } = options
  let registration: Registration
  try {
    registration = await registry.register({
      port: address.port,
      host,
      auth,
      ...defined({ name, id, path, meta, owner, scope, advertise, token: token?.reveal() }),
    })
  } catch (error) {
    http.close()
    if (isOwn) await registry.close()
    throw error
  }
  loadSockets().catch(() => {}) // who connects hears of it

  const end = async (): Promise<void> => {
    const deregistered = registration.close()
    await deregistered.catch(() => {}) // told of below, when nothing is left open
    const closed = new Promise((resolve) => http.close(resolve))
    for (const socket of clients) socket.close(1001, 'server closing')
    const cut = setTimeout(() => {
      for (const socket of clients) socket.terminate()
      http.closeAllConnections()
    }, closeMs)
    await closed
    clearTimeout(cut)
    await deregistered
    if (isOwn) await registry.close()
  }
  const close = (): Promise<void> => {
    ended ??= end()
    return ended
  }

  return {
    id: registration.id,
    port: address.port,
    registration,
    clients,
    close,
    [Symbol.asyncDispose]: close,
  }
}

const upgradeNeeded: Refusal = { code: 'UPGRADE_NEEDED', message: 'This port speaks WebSocket only.' }

/** The first that is offered, as ws has it by itself, but never a token. */
function handleProtocols(offered: ReadonlySet<string>): string | false {
  return (
    [...offered].find((protocol) => !isBearerProtocol(protocol) && protocol !== plainProtocol) ??
    (offered.has(plainProtocol) && plainProtocol)
  )
}

function listen(http: ReturnType<typeof createHttpServer>, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    http.once('error', (cause: NodeJS.ErrnoException) => {
      const next =
        cause.code === 'EADDRINUSE'
          ? 'Choose another port, or 0 for any free one.'
          : 'Choose another host or port.'
      const message = `Cannot listen on ${host} port ${port}: ${reasonOf(cause)}. ${next}`
      reject(new WsyardError('WSYARD_ERR_LISTEN_FAILED', message, { cause }))
    })
    http.listen(port, host, () => {
      http.removeAllListeners('error')
      const address = http.address()
      if (address !== null && typeof address === 'object') resolve(address)
    })
  })
}
