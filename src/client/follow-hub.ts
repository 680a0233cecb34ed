/**
 * Keeps a list of servers as the hub has it: by its push socket (`PROTOCOL.md`, "Push"), and where that cannot be had by asking for
 * the snapshot at an interval, until it can.
 */
import {
  createPushReader,
  type ErrorCode,
  type ErrorDetails,
  type PushMessage,
  plainProtocol,
  WsyardError,
} from '../core/index.js'
import { ask } from './ask.js'
import type { HubStatus } from './client.js'
import { hubProtocols } from './hub-token.js'
import type { ServerList, Shape } from './server-list.js'

export interface HubFollower {
  /** Asks for the snapshot now; joins the request that is under way, if there is one. Never rejects. */
  refresh(): Promise<void>
  close(): void
}

export interface Followed {
  /** Where the snapshot is, and by WebSocket the push. */
  readonly url: string
  /** What the hub asks for, if it does. */
  readonly token: string | undefined
  /** Is kept as the hub has it. */
  readonly list: Pick<ServerList<Shape>, 'take'>
}

/** How soon the hub is looked for again while it does not push; twice as late each time, up to `pollMs`. */
const firstLookMs = 100

/** A hub says something every ten seconds; one that has been silent for so long is gone, and nothing has told. */
const silentMs = 25_000

/**
 * @param pollMs the most milliseconds from one look to the next, while there is no push
 * @param onStatus is called whenever the hub has answered, or has not
 * @throws {SyntaxError} when the platform cannot dial the URL
 */
export function followHub(
  { url, token, list }: Followed,
  pollMs: number,
  onStatus: (status: HubStatus, error?: WsyardError) => void,
): HubFollower {
  let underWay: Promise<void> | undefined
  let socket: WebSocket | undefined
  let watchdog: ReturnType<typeof setTimeout> | undefined
  let nextLook: ReturnType<typeof setTimeout> | undefined
  let lookMs = firstLookMs
  /** Whether the hub pushes: what it answers to a question that was under way may be older. */
  let isLive = false

  const fail = (code: ErrorCode, message: string, details?: ErrorDetails): void =>
    onStatus('lost', new WsyardError(code, message, details))

  const fetchSnapshot = async (): Promise<void> => {
    const { status, body, cause } = await ask(url, token)
    if (isLive) return
    if (Array.isArray(body?.servers)) {
      list.take({ type: 'snapshot', entries: body.servers })
      onStatus('polling')
    } else if (status === undefined)
      fail('WSYARD_ERR_HUB_UNREACHABLE', `${url} does not answer. Is it still running?`, {
        cause,
      })
    else {
      const said =
        body?.error?.message ?? "no wsyard hub is there. Is the wsyard plugin in this Vite's config?"
      const refusal = body?.error?.code
      fail('WSYARD_ERR_HUB_ANSWER', `${url} answered ${status}: ${said}`, { refusal })
    }
  }
  const refresh = (): Promise<void> => {
    underWay ??= fetchSnapshot().finally(() => {
      underWay = undefined
    })
    return underWay
  }

  const look = (): void => {
    void refresh()
    if (globalThis.WebSocket) socket ??= push()
    lookLater()
  }
  const lookLater = (): void => {
    nextLook = setTimeout(look, lookMs)
    lookMs = Math.min(lookMs * 2, pollMs)
  }

  const closePush = (): void => {
    clearTimeout(watchdog)
    if (socket) socket.onmessage = socket.onclose = null
    socket?.close()
    socket = undefined
  }
  const endPush = (): void => {
    closePush()
    if (!isLive) return
    isLive = false
    void refresh() // which also tells why, as a socket does not
    lookLater()
  }
  const watch = (): void => {
    clearTimeout(watchdog)
    watchdog = setTimeout(endPush, silentMs)
  }
  const push = (): WebSocket => {
    const read = createPushReader()
    const own = new WebSocket(url.replace('http', 'ws'), token ? hubProtocols(token) : plainProtocol)
    own.onclose = endPush
    own.onmessage = ({ data }) => {
      watch()
      const message: PushMessage = JSON.parse(data) // only a hub accepts the subprotocol
      if (message.type === 'problem' && message.error)
        return fail('WSYARD_ERR_HUB_ANSWER', `The hub cannot read the registry: ${message.error.message}`)
      const event = read(message)
      if (event === 'gap') return endPush() // another socket begins anew
      if (event) list.take(event)
      else if (message.type !== 'problem') return
      isLive = true
      clearTimeout(nextLook)
      lookMs = firstLookMs
      onStatus('live')
    }
    watch()
    return own
  }
  look()

  return {
    refresh,
    close() {
      isLive = true
      clearTimeout(nextLook)
      closePush()
    },
  }
}
