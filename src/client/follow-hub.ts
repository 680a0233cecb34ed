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
  type Retry,
  type Revision,
  retryAfter,
  untried,
  WsyardError,
} from '../core/index.js'
import { isBlocked } from './access.js'
import { type Answer, ask } from './ask.js'
import type { HubStatus } from './client.js'
import { hubProtocols } from './hub-token.js'
import type { ServerList, Shape } from './server-list.js'

export interface HubFollower {
  /** Looks for the hub now; joins the request that is under way, if there is one. Never rejects. */
  refresh(): Promise<void>
  close(): void
}

export interface Followed {
  /** Where the snapshot is, and by WebSocket the push. */
  readonly url: string
  /** What the hub asks for, if it does. */
  readonly token: string | undefined
  /** Whether the browser has to let this page reach the hub. Until it does nothing is sent, as each request may have it ask the user. */
  readonly needsAccess: boolean
  /** Is kept as the hub has it. */
  readonly list: Pick<ServerList<Shape>, 'take'>
}

/** A push socket that has said nothing for so long may be one that nobody answers, as behind a proxy that knows no WebSockets. */
const patienceMs = 250

/** A hub says something every ten seconds; one that has been silent for so long is gone, and nothing has told. */
const silentMs = 25_000

/**
 * @param pollMs the most milliseconds from one look to the next, while there is no push
 * @param onStatus is called whenever the hub has answered, or has not
 */
export function followHub(
  { url, token, needsAccess, list }: Followed,
  pollMs: number,
  onStatus: (status: HubStatus, error?: WsyardError) => void,
): HubFollower {
  let underWay: Promise<boolean> | undefined
  let socket: WebSocket | undefined
  /** Without a socket, the end of the pause; before it pushes, the next question; while it does, the end of its silence. */
  let timer: ReturnType<typeof setTimeout> | undefined
  let retry: Retry = untried
  /** Since when the hub pushes, if it does: what it answers to a question that was under way may be older. */
  let liveAt: number | undefined
  /** What the list is as of, where that is known: the push goes on from there. */
  let point: Revision | undefined

  const after = (ms: number, then: () => void): void => {
    clearTimeout(timer)
    timer = setTimeout(then, ms)
  }
  const fail = (code: ErrorCode, message: string, details?: ErrorDetails): void =>
    onStatus('lost', new WsyardError(code, message, details))
  const failToRead = ({ message }: { message: string }): void =>
    fail('WSYARD_ERR_HUB_ANSWER', `The hub cannot read the registry: ${message}`)

  /** Resolves to whether anything answered. */
  const fetchSnapshot = async (): Promise<boolean> => {
    const isRefused = needsAccess && (await isBlocked())
    const { status, body, cause }: Answer = isRefused ? {} : await ask(url, token)
    if (liveAt !== undefined) return true
    if (Array.isArray(body?.servers)) {
      const wasResuming = point && socket
      point = undefined
      if (wasResuming) endPush() // from where the list was before
      list.take({ type: 'snapshot', entries: body.servers })
      if (body.problem) failToRead(body.problem)
      else onStatus('polling')
    } else if (isRefused)
      fail(
        'WSYARD_ERR_BROWSER_BLOCKS',
        `The browser keeps this page from ${url}. Call requestAccess() from a click, or allow it in the browser's settings of this site.`,
      )
    else if (status === undefined)
      fail('WSYARD_ERR_HUB_UNREACHABLE', `${url} does not answer. Is it still running?`, {
        cause,
      })
    else {
      const said =
        body?.error?.message ?? "no wsyard hub is there. Is the wsyard plugin in this Vite's config?"
      const refusal = body?.error?.code
      fail('WSYARD_ERR_HUB_ANSWER', `${url} answered ${status}: ${said}`, { refusal })
    }
    return status !== undefined
  }
  const refresh = (): Promise<boolean> => {
    underWay ??= fetchSnapshot().finally(() => {
      underWay = undefined
    })
    return underWay
  }

  /** What cannot be dialled Firefox puts off for longer and longer: once that has happened the hub is asked first whether it is there. */
  const isDoubtful = (): boolean => needsAccess || retry.failures > 1

  const closePush = (): void => {
    clearTimeout(timer)
    if (socket) socket.onmessage = socket.onerror = socket.onclose = null
    socket?.close()
    socket = undefined
  }
  const endPush = (): void => {
    closePush()
    if (liveAt === undefined && !isDoubtful()) void refresh() // which also tells why, as a socket does not
    pushLater()
  }
  const pushLater = (): void => {
    const now = performance.now()
    const heldMs = liveAt && now - liveAt
    liveAt = undefined
    retry = retryAfter(retry, { now, chance: Math.random(), limitMs: pollMs, ...(heldMs && { heldMs }) })
    after(retry.dueAt - now, () => void push())
  }
  const push = async (): Promise<void> => {
    const isThere = !isDoubtful() || (await refresh())
    if (socket || liveAt !== undefined) return // or it was closed meanwhile
    if (!isThere) return pushLater()
    const resume = point ? `?epoch=${encodeURIComponent(point.epoch)}&revision=${point.revision}` : ''
    const read = createPushReader(point)
    let problem: Extract<PushMessage, { type: 'problem' }>['error'] = null
    const dialledAt = performance.now()
    const askMeanwhile = (): void => {
      void refresh()
      if (performance.now() - dialledAt > silentMs) endPush()
      else after(pollMs, askMeanwhile)
    }
    try {
      socket = new WebSocket(url.replace('http', 'ws') + resume, token ? hubProtocols(token) : plainProtocol)
    } catch {
      endPush() // there are no WebSockets, as in Node 20, or the page's policy forbids this one
      return
    }
    socket.onerror = socket.onclose = endPush
    socket.onmessage = ({ data }) => {
      const message: PushMessage = JSON.parse(data) // only a hub accepts the subprotocol
      const event = read(message)
      if (event === 'gap') {
        point = undefined
        endPush()
        return
      }
      const { type } = message
      if (type === 'problem') problem = message.error
      const isTold = event || type === 'problem' || (type === 'bookmark' && message.epoch)
      if (isTold && !problem) liveAt ??= performance.now()
      if (liveAt === undefined) after(patienceMs, askMeanwhile)
      else after(silentMs, endPush)
      if (event) {
        point = { epoch: event.epoch, revision: event.revision }
        list.take(event)
      }
      // While one of several registries that are shown as one is lost there is news of the others.
      if (type === 'problem' && problem) failToRead(problem)
      else if (isTold && !problem) onStatus('live')
    }
    after(patienceMs, askMeanwhile)
  }
  void push()

  return {
    async refresh() {
      void push()
      await refresh()
    },
    close() {
      liveAt = 0
      closePush()
    },
  }
}
