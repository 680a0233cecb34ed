/**
 * The HTTP and WebSocket face of a registry for browsers. It answers its own paths and leaves every other request
 * alone, so that it can be mounted in any Node HTTP server.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  checkOrigins,
  checkPeers,
  defined,
  type OptionNames,
  type Peers,
  type Refusal,
  type Rules,
  refusalOf,
  refusalStatus,
  type Token,
} from '../core/index.js'
import { isRegistry, isToken, networksOf, openRegistry, type Registry } from '../registry/index.js'
import { refuse, refuseUpgrade } from './answers.js'
import { createDashboardHandler } from './dashboard.js'
import { createEntrance } from './entrance.js'
import { createProber } from './probe.js'
import { projectRoot } from './project-root.js'
import { createPush } from './push.js'
import { createRelay } from './relay.js'
import { defaultPeers } from './relay-peers.js'
import { type Route, routeOf } from './route.js'
import { baseHeaders, closing, createSnapshotHandler } from './snapshot.js'
import { createHubView } from './view.js'

export interface HubOptions {
  /**
   * Registry to show, or its URL, or several, as `openRegistry` takes them. One that was given as an object is not closed with the hub.
   * @default openRegistry()
   */
  registry?: Registry | string | readonly string[]
  /**
   * Origins that may come besides those that always may, as `https://app.example`. Every script of such a site learns
   * the ids, ports and meta of the servers on its visitor's machine, and speaks with each of them through the relay.
   * @default []
   */
  origins?: readonly string[]
  /**
   * Host names besides loopback by which the hub may be asked, without port, `.example.com` for all names below one and `0.0.0.0`
   * for all addresses; `'any'` where something in front of it has checked. A page of a web site whose name resolves to this machine
   * asks by that name.
   * @default []
   */
  hosts?: readonly string[] | 'any'
  /**
   * The root of the project that the hub's pages belong to, absolute: of several servers with one name theirs is one that runs in it, and
   * else the newest of all.
   * @default none
   */
  scope?: string
  /**
   * What everybody who asks must bring. Without it the hub is open to every page of this machine, and the relay to those
   * of the hub's own origin.
   * @default none
   */
  token?: Token
  /**
   * Whose processes have the token of a server brought by the relay: with `'same-user'` those of the hub's own user, so that other
   * users of the machine reach no server that asks for one; with `'any'`, for a proxy that runs as another user, whoever may use
   * the relay. Of a process that the system cannot tell, such as another machine's, the hub's own `token` is enough.
   * @default 'same-user' on Linux, 'any' where the system does not tell of any process
   */
  peers?: Peers
  /**
   * Networks whose machines the relay dials for servers of a registry that several machines share, in CIDR notation, as `10.0.0.0/8`: at the
   * literal address that the server gives, with its token where it has one.
   * @default those of the environment's `WSYARD_NETWORKS`, or none
   */
  networks?: readonly string[]
  /**
   * How many WebSockets follow the registry at once; more are refused.
   * @default 1024
   */
  maxSubscribers?: number
  /**
   * How many relayed WebSockets are open at once; more are refused.
   * @default 1024
   */
  maxRelays?: number
  /**
   * Whether the dashboard is served, at `/__wsyard/`. It is a page of the hub's own origin, and so may use the relay.
   * @default true
   */
  dashboard?: boolean
  /**
   * How refusals call `hosts`, `origins`, `peers` and `networks`, for programs that set them by options of their own.
   * @default as 'the option hosts of createHub'
   */
  optionNames?: OptionNames
  /** Hears of what went wrong without stopping the hub. Silent by default. */
  onWarning?: (warning: Error) => void
}

export interface Hub extends AsyncDisposable {
  /** Answers a request for one of the hub's paths. Returns false, having done nothing, for any other. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean
  /**
   * Answers an upgrade for one of the hub's paths. Returns false, having done nothing, for any other: a server with no
   * other WebSockets then destroys the socket.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Closes what it pushes and relays, and stops following the registry. Works twice. */
  close(): Promise<void>
}

/**
 * Makes a hub over a registry.
 *
 * @example
 * const hub = createHub()
 * const server = http.createServer((request, response) => {
 *   if (!hub.handleRequest(request, response)) response.writeHead(404).end()
 * })
 * server.on('upgrade', (request, socket, head) => {
 *   if (!hub.handleUpgrade(request, socket, head)) socket.destroy()
 * })
 *
 * @throws {TypeError} for `origins` that are not origins, `networks` that are none, a `scope` that is no absolute path, and for other `peers` than there are.
 */
export function createHub(options: HubOptions = {}): Hub {
  const { origins = [], hosts = [], token, maxSubscribers = 1024, maxRelays = 1024 } = options
  const { dashboard: hasDashboard = true, peers = defaultPeers, onWarning = () => {} } = options
  const optionNames = { ...ownOptionNames, ...options.optionNames }
  checkOrigins(origins)
  checkPeers(peers)
  const networks = networksOf(options.networks, 'networks')
  const scope = projectRoot(options.scope)
  const { registry: given } = options
  const isOwn = !isRegistry(given)
  const registry = isOwn ? openRegistry(defined({ registry: given, onWarning })) : given
  const view = createHubView(registry, { scope, onWarning })
  const snapshot = createSnapshotHandler(view, origins)
  const prober = createProber(view, origins)
  const push = createPush(view, { maxSubscribers })
  const dashboard = createDashboardHandler()
  const entrance = token && createEntrance(token)
  const relay = createRelay(view, registry, {
    maxRelays,
    token,
    origins,
    peers,
    peersOption: optionNames.peers,
    networks,
    networksOption: optionNames.networks,
  })
  let closed = false

  const rules: Omit<Rules, 'pages'> = {
    hosts,
    origins,
    options: optionNames,
    isToken: token && ((candidate) => isToken(candidate, token)),
    isSession: entrance?.isSession,
    tokenHint: 'Open the link that the hub printed when it started.',
  }
  const refusalFor = (request: IncomingMessage, route: Route): Refusal | undefined => {
    if (closed) return closing
    const pages = pagesOf(route, request)
    // Browsers send a preflight without credentials, and load a page before it can bring any.
    const isOpen = request.method === 'OPTIONS' || pages === 'visitors'
    return refusalOf(request, { ...rules, pages, isToken: isOpen ? undefined : rules.isToken })
  }
  /** What the request is for; undefined where that is not the hub's. */
  const ownRoute = (request: IncomingMessage): Route | undefined => {
    const route = routeOf(request.url)
    if (route?.to === 'entrance' && entrance === undefined) return undefined
    return route?.to === 'dashboard' && !hasDashboard ? undefined : route
  }

  const close = async (): Promise<void> => {
    closed = true
    push.close()
    relay.close()
    view.close()
    if (isOwn) await registry.close()
  }
  return {
    handleRequest(request, response) {
      const route = ownRoute(request)
      if (route === undefined) return false
      const refusal = refusalFor(request, route)
      if (refusal !== undefined) {
        // A page of another origin that may ask is told why not; others can read nothing.
        const isWelcome = refusalStatus(refusal) !== 403
        refuse(response, refusal, isWelcome ? baseHeaders(request.headers.origin, origins) : {})
      } else if (route.to === 'dashboard') dashboard.handle(request, response, route.file)
      else if (route.to === 'entrance') entrance?.handle(request, response)
      else if (route.to === 'relay') relay.explain(request, response, route)
      else if (route.probe !== undefined && request.method === 'GET')
        prober.handle(request, response, route.probe)
      else snapshot.handle(request, response)
      return true
    },
    handleUpgrade(request, socket, head) {
      const route = ownRoute(request)
      if (route === undefined) return false
      const refusal = refusalFor(request, route)
      if (refusal !== undefined) refuseUpgrade(socket, refusal)
      else if (route.to === 'dashboard' || route.to === 'entrance') refuseUpgrade(socket, noSocketHere)
      else if (route.to === 'registry') push.accept(request, socket, head, route)
      else relay.accept(request, socket, head, route)
      return true
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const noSocketHere: Refusal = {
  code: 'BAD_REQUEST',
  message:
    'The pages of the hub have no WebSocket here: the push is at /api/registry, and the relay below it.',
}

const ownOptionNames: Required<OptionNames> = {
  hosts: 'the option hosts of createHub',
  origins: 'the option origins of createHub',
  peers: "the option peers: 'any' of createHub",
  networks: 'the option networks of createHub',
}

/** Whose pages may ask for it: what makes the hub dial is for its own alone. */
function pagesOf(route: Route, { method }: IncomingMessage): Rules['pages'] {
  if (route.to === 'dashboard') return 'visitors'
  if (route.to === 'entrance') return method === 'POST' ? 'own' : 'visitors'
  return route.to === 'relay' || route.probe !== undefined ? 'own' : 'loopback'
}
