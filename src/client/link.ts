/**
 * Stays connected to whichever server has an id or a name, by one WebSocket after the other, as it restarts, moves and fails.
 * Which servers there are is for the client to say.
 */
import { isSame, type Retry, retryAfter, type SnapshotServer, untried } from '../core/index.js'
import { doubtful, doubtOf } from './dial-queue.js'
import type { Link, LinkEvents, LinkTarget } from './link-types.js'
import { runOf } from './run-of.js'
import { type Way, waysTo } from './server-url.js'
import { CLOSED, CLOSING, CONNECTING, OPEN } from './socket-interface.js'
import {
  abnormalClose,
  type Closing,
  type ConnectionReason,
  disconnected,
  type Standing,
} from './standing.js'
import { whyFailed } from './why-failed.js'

/**
 * How long a handshake has its place, and how much longer a server that accepts and stays silent is waited for. One of this machine
 * answers well within the first; but one that is relayed keeps all others waiting, as browsers make one after the other with one address.
 */
const patienceMs = { direct: [250, 4750], relay: [1000, 0] } as const

/** A server that is gone has this long to close its connection itself, with a code and a reason. */
const farewellMs = 1000

const connecting: Standing = { connection: 'connecting' }
const gone: Standing = { connection: 'disconnected', reason: { code: 'SERVER_GONE' } }
const noHub: Standing = { connection: 'disconnected', reason: { code: 'HUB_UNREACHABLE' } }
const silent: ConnectionReason = { code: 'SERVER_SILENT' }
const lost: ConnectionReason = { code: 'CONNECTION_LOST' }

/** Makes one that is about to begin. */
export function createLink(target: LinkTarget, { onStanding, onMessage, onOpen, onClose }: LinkEvents): Link {
  const { dialer, idOrName, path, protocols = [], reconnect = true } = target
  let standing = connecting
  let readyState = CONNECTING
  let server: SnapshotServer | undefined
  let socket: WebSocket | undefined
  let retry: Retry = untried
  /** Between two attempts, the end of the pause; during one, its limit; while open, what is left to a server that is gone. */
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Gives back the place of the attempt or the connection that there is. */
  let giveBack: (() => void) | undefined

  const say = (next: Standing): void => {
    if (isSame(next, standing)) return
    standing = next
    onStanding()
  }
  const stopTimer = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const after = (ms: number, then: () => void): void => {
    stopTimer()
    timer = setTimeout(() => {
      timer = undefined
      then()
    }, ms)
  }

  /** Lets go of what there is: a pause, an attempt or a connection. */
  const drop = (): void => {
    stopTimer()
    giveBack?.()
    giveBack = undefined
    if (socket) socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null
    socket?.close()
  }
  const finish = (closing: Closing, isError: boolean): void => {
    readyState = CLOSED
    say(disconnected)
    onClose?.(closing, isError)
  }
  const leave = (): void => {
    dialer.links.delete(link)
    drop()
  }

  const isServer = (found: SnapshotServer | undefined): boolean =>
    found === server || runOf(found) === runOf(server)

  const look = (): void => {
    const { list } = dialer
    const { entries, isKnown } = list
    if (dialer.isClosed) link.close()
    if (dialer.isClosed || !isKnown) return
    const found = list.find(idOrName)
    if (server && readyState === OPEN) {
      const end = (): void => socket?.onclose?.(abnormalClose as CloseEvent)
      if (list.closenessOf(found) > list.closenessOf(server))
        end() // it was another project's, for want of one
      else if (isServer(entries.get(server.id))) stopTimer()
      else if (!timer) after(farewellMs, end)
      return
    }
    if (!isServer(found)) {
      drop()
      retry = untried
    }
    const ways = found ? waysTo(found, dialer, path) : []
    const pauseMs = retry.dueAt - performance.now()
    if (!found) say(gone)
    else if (giveBack) return
    else if (!ways[0]) say(noHub)
    else if (pauseMs > 0) after(pauseMs, look)
    else {
      server = found
      dial(retry.failures + doubtOf(found), ways)
    }
  }

  const dial = (doubt: number, [way, ...others]: readonly Way[], isDetour = false): void => {
    if (!way) return
    const { transport } = way
    let reason = lost
    let isError = false
    let openedAt = Number.POSITIVE_INFINITY

    const end = (closing: Closing): void => {
      const wasOpen = readyState === OPEN
      drop()
      if (readyState === CLOSING) {
        finish(closing, isError)
        return
      }
      // One that accepted the connection and stayed silent is there: another way leads to no other.
      if (!wasOpen && others[0] && reason !== silent) {
        dial(doubt, others, true)
        return
      }
      if (reconnect) {
        readyState = CONNECTING
        const now = performance.now()
        retry = retryAfter(retry, {
          now,
          chance: Math.random(),
          heldMs: now - openedAt,
          isRefusal: closing.wasClean,
        })
        after(retry.dueAt - now, look)
      } else {
        readyState = CLOSED
        dialer.links.delete(link)
      }
      const { restMs } = retry
      const explain = (why: ConnectionReason): void =>
        say({
          connection: why.code === silent.code ? 'unresponsive' : 'disconnected',
          reason: { ...why, ...(restMs && { restMs }) },
        })
      if (closing.wasClean)
        reason = { code: 'CONNECTION_CLOSED', message: `${closing.code} ${closing.reason}` }
      explain(reason)
      if (wasOpen || !reconnect) onClose?.(closing, isError)
      // A browser tells nothing of a handshake that failed. By the time that it is known, there may be something new.
      const failed = retry
      if (!wasOpen && reason === lost)
        void whyFailed(way, dialer.token, dialer.links.size).then((why) => {
          if (retry === failed && !giveBack) explain(why)
        })
    }

    // Where others are reached directly, one that is not will hardly be there by another way: it lets the others go first.
    const isOthersWay = isDetour && [...dialer.links].some((other) => other.standing.transport === 'direct')
    const queue = isOthersWay ? 'direct' : transport
    giveBack = dialer.queues[queue](isOthersWay ? doubt + doubtful : doubt, () => {
      try {
        const own = new WebSocket(way.url, [...protocols, ...way.protocols])
        socket = own
        own.binaryType = target.binaryType
        own.onopen = () => {
          stopTimer()
          giveBack?.()
          // A hub names a subprotocol of its own where the server chose none; a browser fails for that.
          if (protocols[0] && !protocols.includes(own.protocol)) return own.close()
          if (isDetour) dialer.transport = 'relay'
          openedAt = performance.now()
          readyState = OPEN
          say({ connection: 'connected', transport })
          onOpen?.()
        }
        own.onmessage = onMessage
        own.onerror = () => {
          isError = true
          // Some say nothing more: Chromium of what the page's policy forbids, WebKit of one socket too many.
          if (readyState !== OPEN) setTimeout(() => own.onclose?.(abnormalClose as CloseEvent))
        }
        own.onclose = end
        const [placeMs, moreMs] = patienceMs[transport]
        after(placeMs, () => {
          giveBack?.()
          after(moreMs, () => {
            reason = silent
            own.close()
          })
        })
      } catch {
        reason = { code: 'BROWSER_BLOCKS' }
        after(0, () => end(abnormalClose))
      }
    })
    if (retry === untried) say(connecting) // else what was wrong is shown until it is right
  }

  const link: Link = {
    get standing() {
      return standing
    },
    get readyState() {
      return readyState === OPEN && socket ? socket.readyState : readyState
    },
    get server() {
      return server
    },
    get socket() {
      return socket
    },
    look,
    close(...given) {
      socket?.close(...given) // which also complains about what a socket is not closed with
      if (readyState >= CLOSING) return
      const wasOpen = readyState === OPEN
      readyState = CLOSING
      dialer.links.delete(link)
      if (wasOpen) return
      drop()
      setTimeout(() => finish(abnormalClose, true))
    },
    leave,
  }
  dialer.links.add(link)
  return link
}
