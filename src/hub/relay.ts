/**
 * The relay (`PROTOCOL.md`, "Relay"): WebSockets through the hub to one server each, byte for byte after the handshake.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type Entry,
  notFound,
  type Peers,
  pathOf,
  type Refusal,
  refusedHandshake,
  type Token,
} from '../core/index.js'
import { isWithinReach, type Networks, type Registry } from '../registry/index.js'
import { refuse, refuseUpgrade, unreadable } from './answers.js'
import { isOwnPort } from './own-port.js'
import { DialError, dial } from './relay-dial.js'
import {
  answerForClient,
  headersForServer,
  isAnswerTo,
  offersTokenAlone,
  relayedHeader,
} from './relay-handshake.js'
import { joinStreams } from './relay-join.js'
import { type PeerRules, refusedPeer } from './relay-peers.js'
import { elsewhere, full, itself } from './relay-refusals.js'
import type { RelayRoute } from './route.js'
import { baseHeaders, closing } from './snapshot.js'
import type { HubView } from './view.js'

export interface Relay {
  /** Takes an upgrade that is welcome: finds its server, passes the handshake on, or refuses it. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, route: RelayRoute): void
  /**
   * Answers a plain request that is welcome with why a WebSocket to this server is refused, or the last one was, as browsers keep that
   * from their pages; else that a WebSocket is needed.
   */
  explain(request: IncomingMessage, response: ServerResponse, route: RelayRoute): void
  /** Cuts every relayed connection. */
  close(): void
}

export interface RelayOptions {
  maxRelays: number
  /** The hub's own token, which is not passed on. */
  token: Token | undefined
  /** Whose pages may read why they were refused. */
  origins: readonly string[]
  peers: Peers
  /** Whose machines are dialled besides this one. */
  networks: Networks
  /** How any peer is let in. */
  peersOption: string
  /** How networks are named. */
  networksOption: string
}

/** After so long without a byte the system asks whether the other side is still there; it may have gone without a word. */
const keepAliveMs = 30_000

/** A killed server's sockets close some milliseconds before its process is gone: the pauses until looking again. */
const lookAgainMs = [1, 1, 1, 2, 5, 10, 30, 50]

export function createRelay(view: HubView, registry: Registry, options: RelayOptions): Relay {
  const { maxRelays, token, origins, peers, peersOption, networks, networksOption } = options
  const peerRules: PeerRules = { peers, isTokenAsked: token !== undefined, option: peersOption }
  /** What ends each relayed connection, dialled or open. */
  const cuts = new Set<() => void>()
  /** Why the last attempt failed, of servers whose last attempt did. An entry that changes is another object. */
  const failures = new WeakMap<Entry, Refusal>()
  /** Servers that are being looked at. */
  const lookedAt = new Set<string>()
  let closed = false

  const look = (id: string, [pause, ...later]: readonly number[]): void => {
    if (closed) return
    registry.check(id)
    if (pause === undefined) lookedAt.delete(id)
    else setTimeout(look, pause, id, later).unref()
  }
  /** Many connections to one server end at once. */
  const lookAt = (id: string): void => {
    if (lookedAt.has(id)) return
    lookedAt.add(id)
    look(id, lookAgainMs)
  }

  const refusalFor = ({ method, headers }: IncomingMessage): Refusal | undefined => {
    if (closed) return closing
    const refusal = refusedHandshake(method, headers) ?? (offersTokenAlone(headers) ? tokenAlone : undefined)
    return refusal ?? (cuts.size < maxRelays ? undefined : full(maxRelays))
  }

  const targetOf = (request: IncomingMessage, key: string): Entry | Refusal => {
    const entry = view.find(key)
    if (entry === undefined) return view.problem ? unreadable(view.problem) : notFound(view.entries, key)
    // A hub that is registered itself, with this one registered there, would dial in a circle.
    if (isOwnPort(request.socket.localPort, entry) || relayedHeader in request.headers) return itself(entry)
    return isWithinReach(entry, networks) ? entry : elsewhere(entry, networksOption)
  }

  const refusedFor = async ({ socket }: IncomingMessage, { token }: Entry): Promise<Refusal | undefined> =>
    token === undefined ? undefined : refusedPeer(socket, peerRules)

  const explain = async (request: IncomingMessage, response: ServerResponse, key: string): Promise<void> => {
    const target = targetOf(request, key)
    const refusal =
      'code' in target
        ? target
        : ((await refusedFor(request, target)) ?? failures.get(target) ?? upgradeNeeded)
    refuse(response, refusal, baseHeaders(request.headers.origin, origins))
  }

  /** By itself, so that what an open connection keeps is not the whole of its handshake. */
  const pass = (client: Duplex, server: Duplex, id: string): void => {
    const cut = joinStreams(client, server, {
      onServerEnd: () => lookAt(id),
      onClose: () => cuts.delete(cut),
    })
    cuts.add(cut)
  }

  const fail = (client: Duplex, entry: Entry, refusal: Refusal): void => {
    failures.set(entry, refusal)
    refuseUpgrade(client, refusal)
  }

  const connect = async (
    request: IncomingMessage,
    client: Duplex,
    head: Buffer,
    entry: Entry,
    rest: string,
  ): Promise<void> => {
    const giveUp = new AbortController()
    const abandon = (): void => giveUp.abort()
    cuts.add(abandon)
    client.once('end', abandon).once('close', abandon)
    try {
      const refusal = await refusedFor(request, entry)
      if (refusal !== undefined) return refuseUpgrade(client, refusal)
      const server = await dial({
        entry,
        networks,
        path: pathOf(entry, rest),
        headers: (authority) => headersForServer(request, authority, entry.token, token),
        giveUp,
      })
      client.off('end', abandon).off('close', abandon)
      if (giveUp.signal.aborted) server.socket.destroy()
      else if (isAnswerTo(request, server.answer)) {
        for (const { socket } of [request, server]) socket.setKeepAlive(true, keepAliveMs)
        client.write(answerForClient(request, server.answer), 'latin1')
        pass(client, server.socket, entry.id)
        failures.delete(entry)
        if (server.head.length > 0) client.write(server.head)
        if (head.length > 0) server.socket.write(head)
      } else {
        server.socket.destroy()
        fail(client, entry, wrongAnswer(entry))
      }
    } catch (error) {
      if (!(error instanceof DialError)) throw error
      lookAt(entry.id)
      if (closed) refuseUpgrade(client, closing)
      else if (client.destroyed || client.readableEnded) client.destroy()
      else fail(client, entry, error.refusal)
    } finally {
      cuts.delete(abandon)
    }
  }

  return {
    accept(request, socket, head, { key, rest }) {
      socket.on('error', ignore)
      view.whenReady(() => {
        if (socket.destroyed) return
        const refusal = refusalFor(request)
        if (refusal !== undefined) return refuseUpgrade(socket, refusal)
        const target = targetOf(request, key)
        if ('code' in target) refuseUpgrade(socket, target)
        else void connect(request, socket, head, target, rest)
      })
    },
    explain(request, response, { key }) {
      view.whenReady(() => void explain(request, response, key))
    },
    close() {
      closed = true
      for (const cut of cuts) cut()
    },
  }
}

/** The other side is free to be gone at any time. Not a closure, which would keep the request with the socket. */
function ignore(): void {}

const tokenAlone: Refusal = {
  code: 'BAD_REQUEST',
  message:
    'A token alone was offered as subprotocol, and the answer never names it: offer "wsyard.v1" beside it.',
}

const upgradeNeeded: Refusal = {
  code: 'UPGRADE_NEEDED',
  message:
    'This path is the relay to a server and speaks WebSocket only. GET /api/registry lists the servers.',
}

function wrongAnswer({ id, port }: Entry): Refusal {
  const message = `The server "${id}" at port ${port} upgraded to something else than this WebSocket.`
  return { code: 'SERVER_ANSWER', message }
}
