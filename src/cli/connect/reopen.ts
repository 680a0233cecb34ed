/**
 * Connects again to whoever has a name, however often its server restarts and wherever it comes back: the registry tells when there is
 * another one, and what fails otherwise is tried again by the one policy of all that connects.
 */
import type { WebSocket } from 'ws'
import {
  applyEvent,
  type Entry,
  isSame,
  type Retry,
  reasonOf,
  retryAfter,
  untried,
} from '../../core/index.js'
import { openRegistry } from '../../registry/index.js'
import { openSocket, type SocketOptions } from './open-socket.js'

export interface Connection {
  readonly server: Entry
  /** Open. */
  readonly socket: WebSocket
  readonly openedAt: number
  /** How it stood with trying before. */
  readonly retry: Retry
}

export interface Reopening extends SocketOptions {
  /** Finds the server that is meant in what is registered. */
  find(entries: ReadonlyMap<string, Entry>): Entry | undefined
  /** Whether it is waited for where it is not registered. */
  canComeBack: boolean
  /** Says how things stand. */
  say(text: string): void
  onWarning(warning: Error): void
}

/** Who sits at a terminal is not kept waiting longer for a server that has come to itself. */
const longestPauseMs = 5000

/** Makes the first one. @throws {WsyardError} `WSYARD_ERR_SERVER_UNREACHABLE`. */
export async function openFirst(server: Entry, options: SocketOptions): Promise<Connection> {
  return {
    server,
    socket: await openSocket(server, options),
    openedAt: performance.now(),
    retry: untried,
  }
}

/**
 * Makes the next one, as soon as there is somebody to connect to, and says of each new reason why that fails. Resolves to undefined when it
 * is aborted, or when nobody can come.
 *
 * @param lost the connection that has just ended
 */
export async function reopen(
  lost: Connection,
  { find, canComeBack, say, onWarning, ...options }: Reopening,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  let tried = runOf(lost.server)
  let retry = failedAfter(lost.retry, performance.now() - lost.openedAt)
  let onNews = (): void => {}
  let attempt: AbortController | undefined
  const reasons = new Set<string>()

  let isKnown = false // what is registered
  const entries = new Map<string, Entry>()
  const registry = openRegistry({ onWarning })
  const undo = registry.watch((event) => {
    applyEvent(entries, event)
    isKnown = true
    if (!isSame(runOf(find(entries)), tried)) attempt?.abort() // somebody else has the name now
    onNews()
  })
  const give = (): void => {
    attempt?.abort()
    onNews()
  }
  signal.addEventListener('abort', give)

  try {
    while (!signal.aborted) {
      const server = find(entries)
      if (server === undefined && isKnown && !canComeBack) return undefined
      if (!isSame(runOf(server), tried)) {
        tried = runOf(server)
        retry = untried
      }
      const pauseMs = server === undefined ? undefined : retry.dueAt - performance.now()
      if (server === undefined || (pauseMs ?? 0) > 0) {
        let timer: ReturnType<typeof setTimeout> | undefined
        await new Promise<void>((resolve) => {
          onNews = resolve
          if (pauseMs !== undefined) timer = setTimeout(resolve, pauseMs)
        })
        clearTimeout(timer)
        continue
      }
      const current = new AbortController()
      attempt = current
      const socket = await openSocket(server, options, current.signal).catch((error: unknown) => {
        const reason = reasonOf(error)
        if (!current.signal.aborted && !reasons.has(reason)) say(`${reason} It is tried again.`)
        reasons.add(reason)
      })
      attempt = undefined
      if (socket) return { server, socket, openedAt: performance.now(), retry }
      retry = failedAfter(retry)
    }
    return undefined
  } finally {
    signal.removeEventListener('abort', give)
    undo()
    registry.close().catch(onWarning) // not waited for: nobody hears yet what the socket has to say
  }
}

/** What tells one run of a server from the next. */
function runOf(server: Entry | undefined): readonly unknown[] {
  return [server?.id, server?.instance, server?.port]
}

function failedAfter(retry: Retry, heldMs = 0): Retry {
  return retryAfter(retry, {
    now: performance.now(),
    chance: Math.random(),
    heldMs,
    limitMs: longestPauseMs,
  })
}
