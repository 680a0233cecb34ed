/**
 * Follows a hub by its push socket (`PROTOCOL.md`, "Push"): connects again whenever that ends, and goes on where it was.
 */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import {
  createPushReader,
  plainProtocol,
  type Retry,
  type Revision,
  reasonOf,
  retryAfter,
  type SnapshotServer,
  untried,
  type WatchEvent,
  WsyardError,
} from '../../core/index.js'
import { harmlessLine } from '../text/format-message.js'
import { refusalOf } from '../text/refusal-of.js'
import { parsePush } from './parse-push.js'

export interface HubFollowing {
  /** Where the hub is, as `http://localhost:5173`. */
  origin: string
  /** What the hub asks for, if it does. */
  token: string | undefined
  onEvent(event: WatchEvent<SnapshotServer>): void
  /** Hears that the hub cannot read the registry, and `undefined` when it can again. */
  onProblem(problem: WsyardError | undefined): void
  /** Hears that the connection has ended, before it is tried again; and when there is one again, `undefined`. */
  onLost(why: string | undefined): void
  /** Ends it when it is aborted. */
  signal: AbortSignal
}

/** A hub answers from memory; one that takes this long is not going to. */
const handshakeMs = 5000

/** A hub says something every ten seconds; one that has been silent for so long is gone, and nothing has told. */
const silentMs = 25_000

/** How much is shown of a message that makes no sense. */
const maxShown = 120

/** A hub that restarts is back within two seconds of being there. */
const longestPauseMs = 1000

/**
 * Resolves when it is aborted.
 *
 * @throws {WsyardError} `WSYARD_ERR_HUB_UNREACHABLE` when there was nothing from the start, `WSYARD_ERR_HUB_ANSWER` whenever the hub
 *   refuses for good, or what answers is none.
 */
export async function followHub(following: HubFollowing): Promise<void> {
  const { origin, onLost, signal } = following
  let point: Revision | undefined
  let hasProblem = false
  const onProblem = (problem: WsyardError | undefined): void => {
    hasProblem = problem !== undefined
    following.onProblem(problem)
  }
  let retry: Retry = untried
  let hasBeenThere = false
  while (!signal.aborted) {
    const opened = await open(following, point).catch((error: unknown) => {
      if (error instanceof WsyardError) throw error
      const why = harmlessLine(reasonOf(error))
      if (hasBeenThere || signal.aborted) return undefined
      const message = `No hub can be followed at ${origin}: ${why}. Start one with "wsyard hub", or look at its address.`
      throw new WsyardError('WSYARD_ERR_HUB_UNREACHABLE', message, { cause: error })
    })
    if (opened !== undefined) {
      if (hasBeenThere) onLost(undefined)
      if (hasProblem) onProblem(undefined) // if it is there still, this connection says so again
      hasBeenThere = true
      retry = untried
      const why = await listen(opened, { ...following, onProblem }, point, (next) => {
        point = next
      })
      if (signal.aborted) return
      onLost(why)
    }
    const now = performance.now()
    retry = retryAfter(retry, { now, chance: Math.random(), limitMs: longestPauseMs })
    await pause(retry.dueAt - now, undefined, { signal }).catch(() => {})
  }
}

/** Resolves to a socket that is open, and paused so that nothing is missed. @throws what the connection met with. */
async function open({ origin, token, signal }: HubFollowing, from: Revision | undefined): Promise<WebSocket> {
  const { WebSocket } = await import('ws')
  const query = from === undefined ? '' : `?epoch=${encodeURIComponent(from.epoch)}&revision=${from.revision}`
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/registry${query}`, plainProtocol, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    handshakeTimeout: handshakeMs,
    perMessageDeflate: false,
  })
  socket.once('open', () => socket.pause())
  const end = (): void => socket.terminate()
  signal.addEventListener('abort', end)
  socket.once('close', () => signal.removeEventListener('abort', end))
  const refused = once(socket, 'unexpected-response').then(async ([, response]) => {
    const refusal = await refusalOf(response)
    socket.on('error', () => {}).terminate()
    const isForGood = response.statusCode < 500 // a hub that closes or is full says so with more
    if (!isForGood) throw new Error(`it refused to be followed ${refusal}`)
    throw new WsyardError('WSYARD_ERR_HUB_ANSWER', `${origin} refused to be followed ${refusal}`)
  })
  await Promise.race([once(socket, 'open'), refused])
  refused.catch(() => {})
  return socket
}

/** Hands on what comes, and resolves to why nothing does any more. */
function listen(
  socket: WebSocket,
  { origin, onEvent, onProblem }: HubFollowing,
  from: Revision | undefined,
  onPoint: (point: Revision) => void,
): Promise<string> {
  const read = createPushReader(from)
  return new Promise((resolve, reject) => {
    let why: string | undefined
    const cut = (reason: string): void => {
      why = reason
      socket.terminate()
    }
    const silence = setTimeout(() => cut('it has been silent'), silentMs)
    socket.on('error', ({ message }) => {
      why ??= message
    })
    socket.on('message', (data) => {
      silence.refresh()
      const said = String(data)
      const message = parsePush(said)
      if (message === undefined) {
        const shown = said.length > maxShown ? `${said.slice(0, maxShown)}…` : said
        const error = `What answers at ${origin} is no hub of wsyard, or one of another version: its message ${shown} makes no sense.`
        reject(new WsyardError('WSYARD_ERR_HUB_ANSWER', harmlessLine(error)))
        return cut('it is no hub')
      }
      if (message.type === 'problem') {
        const { error } = message
        return onProblem(
          error ? new WsyardError('WSYARD_ERR_HUB_ANSWER', harmlessLine(error.message)) : undefined,
        )
      }
      const event = read(message)
      if (event === 'gap') return cut('something was missed')
      if (event === undefined) return
      onPoint({ epoch: event.epoch, revision: event.revision })
      onEvent(event)
    })
    socket.once('close', (code) => {
      clearTimeout(silence)
      resolve(why ?? `it closed with ${code}`)
    })
    socket.resume()
  })
}
