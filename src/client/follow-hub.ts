/**
 * Asks a hub for its snapshot, at once and then at an interval, one request at a time.
 */
import { isRecord, type SnapshotServer, WsyardError } from '../core/index.js'

export interface HubFollower {
  /** Asks now; joins the request that is under way, if there is one. Never rejects. */
  refresh(): Promise<void>
  close(): void
}

export interface FollowOptions {
  /** Where the snapshot is. */
  url: string
  /** Milliseconds from the start of one request to the next. */
  pollMs: number
  onServers: (servers: readonly SnapshotServer[]) => void
  onError: (error: WsyardError) => void
}

/** A hub answers from memory; one that takes this long is not going to. */
const answerMs = 5000

export function followHub({ url, pollMs, onServers, onError }: FollowOptions): HubFollower {
  const closed = new AbortController()
  let underWay: Promise<void> | undefined

  const ask = async (): Promise<void> => {
    const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(answerMs)])
    let servers: SnapshotServer[]
    try {
      servers = await fetchSnapshot(url, signal)
    } catch (error) {
      if (!closed.signal.aborted) onError(error instanceof WsyardError ? error : unreachable(url, error))
      return
    }
    if (!closed.signal.aborted) onServers(servers)
  }
  const refresh = (): Promise<void> => {
    underWay ??= ask().finally(() => {
      underWay = undefined
    })
    return underWay
  }

  void refresh()
  const timer = setInterval(() => void refresh(), pollMs)
  return {
    refresh,
    close() {
      clearInterval(timer)
      closed.abort()
    },
  }
}

async function fetchSnapshot(url: string, signal: AbortSignal): Promise<SnapshotServer[]> {
  const response = await fetch(url, { signal, cache: 'no-cache' })
  const body: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw badAnswer(`${url} answered ${response.status}: ${errorMessage(body)}`)
  if (!isRecord(body) || !Array.isArray(body.servers)) {
    throw badAnswer(`${url} did not answer with a registry. Is the wsyard plugin in this Vite's config?`)
  }
  return body.servers.filter(isSnapshotServer)
}

function errorMessage(body: unknown): string {
  const error = isRecord(body) ? body.error : undefined
  const message = isRecord(error) ? error.message : undefined
  return typeof message === 'string' ? message : 'no wsyard hub is there.'
}

/** The hub has checked every field; this keeps an answer of something else from breaking the page. */
function isSnapshotServer(value: unknown): value is SnapshotServer {
  return isRecord(value) && typeof value.id === 'string' && typeof value.port === 'number'
}

function badAnswer(message: string): WsyardError {
  return new WsyardError('WSYARD_ERR_HUB_ANSWER', message)
}

function unreachable(url: string, cause: unknown): WsyardError {
  const message = `${url} does not answer. Is the dev server still running?`
  return new WsyardError('WSYARD_ERR_HUB_UNREACHABLE', message, { cause })
}
