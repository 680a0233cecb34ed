/**
 * Makes a client without sockets of one's own: the list of servers, always current, and a WebSocket to each of them.
 */
import type { WsyardError } from '../core/index.js'
import { accessState, isHere, noteReached } from './access.js'
import { ask } from './ask.js'
import type { ClientEvents, ClientOptions, HubStatus, LiteClient } from './client.js'
import { createDialQueue, doubtOf } from './dial-queue.js'
import { createEmitter, reporting } from './emitter.js'
import { followHub } from './follow-hub.js'
import { createLink } from './link.js'
import type { Dialer, Link } from './link-types.js'
import { onceAFrame } from './once-a-frame.js'
import { type ClientServer, createServerList, type Shape } from './server-list.js'
import { disconnected } from './standing.js'

/**
 * Follows a hub, as `createClient` does, for pages that talk with servers by `connectAll`, `broadcast` and events alone: what they
 * do not use weighs nothing in their bundle.
 *
 * @example
 * const client = createLiteClient()
 * client.connectAll()
 * client.on('message', (server, data) => console.log(server.id, data))
 *
 * @throws {TypeError} for options that make no sense, with the value.
 */
export function createLiteClient<S extends Shape = Shape>(options: ClientOptions = {}): LiteClient<S> {
  return openClient<S>(options).client
}

/** So long a user may take to answer the browser. */
const decisionMs = 600_000

/** What further features are made of. */
export interface OpenClient<S extends Shape> {
  readonly client: LiteClient<S>
  readonly dialer: Dialer
}

export function openClient<S extends Shape>(options: ClientOptions): OpenClient<S> {
  const {
    hub = globalThis.location?.origin,
    token,
    transport = 'auto',
    maxHandshakes = 4,
    pollMs = 5000,
    scope,
    signal,
  } = options
  if (!/^https?:\/\/[^/?#\s]+$/.test(hub))
    throw new TypeError(`hub must be an origin such as http://localhost:5173 (got "${hub}")`)
  if (!(pollMs >= 100 && pollMs < 2 ** 31))
    throw new TypeError(`pollMs must be from 100 to 2147483647 (got ${pollMs})`)
  if (!/^(auto|direct|relay)$/.test(transport))
    throw new TypeError(`transport must be 'auto', 'direct' or 'relay' (got "${transport}")`)
  if (scope !== undefined && !/^(?!.+[\\/]\.{0,2}([\\/]|$))(\/|\w:\\)/.test(scope))
    throw new TypeError(`scope must be an absolute path such as /home/me/app (got "${scope}")`)
  if (!(maxHandshakes >= 1)) throw new TypeError(`maxHandshakes must be at least 1 (got ${maxHandshakes})`)

  const url = `${hub}/api/registry`
  const isHubHere = isHere(url) ?? false
  const needsAccess = isHubHere && isHere(globalThis.location?.href) === false
  const { on, emit } = createEmitter<ClientEvents<S>>()
  /** The connections that `connectAll` keeps, by the ids of their servers. */
  const kept = new Map<string, Link>()
  const [changed, stopChanges] = onceAFrame(() => emit('change'))
  const tell: typeof emit = (...event) => {
    emit(...event)
    changed()
  }
  const list = createServerList<S>(tell, (id) => kept.get(id)?.standing ?? disconnected, scope)
  const dialer: Dialer = {
    list,
    links: new Set(),
    // By the hub a browser makes one handshake after the other anyway, and would start our clocks at once.
    queues: { direct: createDialQueue(maxHandshakes), relay: createDialQueue(1) },
    url,
    token,
    isHubHere,
    isHubAway: false,
    isClosed: false,
    transport,
  }
  let status: HubStatus = 'connecting'
  let error: WsyardError | undefined
  let filter: Filter<S> | undefined

  /** Brings the connections in step with the filter. A listener may call this again in the middle, and with another filter. */
  const arrange = (): void => {
    for (const [id, link] of kept) {
      const server = list.get(id)
      if (server && filter?.(server)) continue
      kept.delete(id)
      link.leave()
      list.look(id)
    }
    // The first of them get their places at once.
    for (const server of [...list.servers].sort((a, b) => doubtOf(a) - doubtOf(b))) {
      const { id } = server
      if (kept.has(id) || !filter?.(server)) continue
      const link = createLink(
        { dialer, idOrName: id, binaryType: 'arraybuffer' },
        {
          onStanding: () => list.look(id),
          onMessage({ data }) {
            const sender = list.get(id)
            if (sender) emit('message', sender, data)
          },
        },
      )
      kept.set(id, link)
      link.look()
      list.look(id)
    }
  }

  const follower = followHub({ url, token, needsAccess, list }, pollMs, (next, problem) => {
    if (dialer.isClosed) return
    error = problem
    dialer.isHubAway = problem !== undefined && problem.code !== 'WSYARD_ERR_HUB_ANSWER'
    if (status !== next) {
      status = next
      tell('status', next)
    }
    if (problem) tell('error', problem)
    arrange()
    for (const link of dialer.links) link.look()
  })

  const connectAll = (next?: Filter<S>): void => {
    filter = next
    arrange()
  }
  const close = (): void => {
    if (dialer.isClosed) return
    dialer.isClosed = true
    signal?.removeEventListener('abort', close)
    follower.close()
    connectAll()
    list.close()
    for (const link of dialer.links) link.close()
    stopChanges()
    emit('close')
  }
  signal?.addEventListener('abort', close)
  if (signal?.aborted) close()

  const client: LiteClient<S> = {
    get servers() {
      return list.servers
    },
    get status() {
      return status
    },
    get error() {
      return error
    },
    on,
    connectAll({ filter: wanted = everyServer } = {}) {
      const own = reporting(wanted)
      connectAll(own)
      return () => {
        if (filter === own) connectAll()
      }
    },
    find: (idOrName) => list.get(list.find(idOrName)?.id ?? ''),
    broadcast(data, { filter: wanted = everyServer } = {}) {
      const passes = reporting(wanted)
      const reached = list.servers.filter((server) => server.connection === 'connected' && passes(server))
      for (const { id } of reached) kept.get(id)?.socket?.send(data)
      return reached
    },
    async probe(id) {
      const { body } = await ask(`${url}?probe=${encodeURIComponent(id)}`, token)
      return body?.roundTripMs ?? undefined
    },
    async requestAccess() {
      if (!needsAccess) return 'granted'
      const { status } = await ask(url, token, 'cors', decisionMs)
      if (status) noteReached()
      await follower.refresh()
      return status ? 'granted' : ((await accessState()) ?? 'denied')
    },
    refresh: follower.refresh,
    close,
    [Symbol.dispose]: close,
  }
  return { client, dialer }
}

/** Undefined of a server that the page could not judge, and that is left out. */
type Filter<S extends Shape> = (server: ClientServer<S>) => boolean | undefined

const everyServer = (): boolean => true
