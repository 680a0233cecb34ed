/**
 * `GET /api/registry`: the whole registry at this moment (`PROTOCOL.md`, "Snapshot"). An answer costs neither a disk
 * read nor an encoding: the list is encoded once for each revision.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isAllowedOrigin, toSnapshot, WsyardError } from '../core/index.js'
import { refuse, unreadable } from './answers.js'
import type { HubView } from './view.js'

export interface SnapshotHandler {
  /** Answers a request that is welcome. */
  handle(request: IncomingMessage, response: ServerResponse): void
}

const allowedMethods = 'GET, HEAD, OPTIONS'

export function createSnapshotHandler(view: HubView, origins: readonly string[]): SnapshotHandler {
  let encoded: { readonly etag: string; readonly body: Buffer } | undefined

  const current = (etag: string, problem: Error | undefined): Buffer => {
    if (encoded?.etag !== etag) {
      const snapshot = toSnapshot(view.entries.values())
      const body =
        problem === undefined
          ? snapshot
          : { ...snapshot, problem: { ...unreadable(problem), source: sourceOf(problem) } }
      encoded = { etag, body: Buffer.from(JSON.stringify(body)) }
    }
    return encoded.body
  }

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const headers = baseHeaders(request.headers.origin, origins)
    const { method } = request
    const { revision, problem } = view
    if (method === 'OPTIONS') {
      response.writeHead(204, {
        ...headers,
        allow: allowedMethods,
        'access-control-allow-methods': allowedMethods,
        'access-control-allow-headers': 'authorization',
      })
      response.end()
    } else if (method !== 'GET' && method !== 'HEAD') {
      const message = `${method} is not answered here. Read the registry with GET; servers register by file.`
      refuse(response, { code: 'METHOD_NOT_ALLOWED', message }, { ...headers, allow: allowedMethods })
    } else if (problem !== undefined && !isStaleAlone(view)) refuse(response, unreadable(problem), headers)
    else if (revision === undefined) refuse(response, closing, headers)
    else {
      const etag = `"${revision.epoch}.${revision.revision}${problem === undefined ? '' : '.stale'}"`
      headers.etag = etag
      if (matches(request.headers['if-none-match'], etag)) {
        response.writeHead(304, headers)
        response.end()
        return
      }
      const body = current(etag, problem)
      headers['content-type'] = 'application/json; charset=utf-8'
      headers['content-length'] = String(body.length)
      response.writeHead(200, headers)
      response.end(method === 'HEAD' ? undefined : body)
    }
  }

  return {
    handle: (request, response) => view.whenReady(() => answer(request, response)),
  }
}

/** Whether all that is wrong is that a registry of several machines is lost: its last list goes on being served, and says so. */
function isStaleAlone({ problem, revision }: HubView): boolean {
  return revision !== undefined && sourceOf(problem) !== undefined
}

function sourceOf(problem: Error | undefined): string | undefined {
  return problem instanceof WsyardError ? problem.source : undefined
}

/** What a hub answers while it closes. */
export const closing = {
  code: 'HUB_CLOSING',
  message: 'This hub is closing. Ask it again in a moment.',
} as const

/** What every answer about the registry says. */
export function baseHeaders(origin: string | undefined, origins: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {
    'cache-control': 'no-cache',
    vary: 'Origin',
    'x-content-type-options': 'nosniff',
  }
  if (origin !== undefined && isAllowedOrigin(origin, origins))
    headers['access-control-allow-origin'] = origin
  return headers
}

/** Whether `If-None-Match` names this version, compared weakly as RFC 9110 has it for GET. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}
