/**
 * `GET /api/registry`: the whole registry at this moment (`PROTOCOL.md`, "Snapshot"). The registry is watched, so an
 * answer costs neither a disk read nor an encoding.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Entry, isAllowedOrigin, toSnapshot, WsyardError } from '../core/index.js'
import type { Registry } from '../registry/index.js'

export interface SnapshotHandler {
  handle(request: IncomingMessage, response: ServerResponse): void
  close(): void
}

/** One revision of the registry as bytes, ready to be sent. */
interface Encoded {
  readonly body: Buffer
  readonly etag: string
}

const allowedMethods = 'GET, HEAD, OPTIONS'

export function createSnapshotHandler(
  registry: Registry,
  origins: readonly string[],
  onWarning: (warning: Error) => void,
): SnapshotHandler {
  const entries = new Map<string, Entry>()
  let version = ''
  let encoded: Encoded | undefined
  let problem: Error | undefined
  let waiting: (() => void)[] = []

  const ready = (): void => {
    const callbacks = waiting
    waiting = []
    for (const callback of callbacks) callback()
  }

  const unwatch = registry.watch(
    (event) => {
      if (event.type === 'snapshot') for (const entry of event.entries) entries.set(entry.id, entry)
      else
        for (const change of event.changes) {
          if (change.type === 'removed') entries.delete(change.entry.id)
          else entries.set(change.entry.id, change.entry)
        }
      version = `"${event.epoch}.${event.revision}"`
      encoded = undefined
      ready()
    },
    {
      onProblem(next) {
        problem = next
        if (next !== undefined) onWarning(next)
        ready()
      },
    },
  )

  const current = (): Encoded => {
    encoded ??= { body: Buffer.from(JSON.stringify(toSnapshot(entries.values()))), etag: version }
    return encoded
  }

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const headers = baseHeaders(request.headers.origin, origins)
    const { method } = request
    if (method === 'OPTIONS') {
      response.writeHead(204, {
        ...headers,
        allow: allowedMethods,
        'access-control-allow-methods': allowedMethods,
      })
      response.end()
    } else if (method !== 'GET' && method !== 'HEAD') {
      const message = `${method} is not answered here. Read the registry with GET; servers register by file.`
      sendError(response, 405, { ...headers, allow: allowedMethods }, { code: 'METHOD_NOT_ALLOWED', message })
    } else if (problem !== undefined) {
      const code = problem instanceof WsyardError ? problem.code : 'WSYARD_ERR_REGISTRY_UNREADABLE'
      sendError(response, 503, headers, { code, message: problem.message })
    } else {
      const { body, etag } = current()
      headers.etag = etag
      if (matches(request.headers['if-none-match'], etag)) {
        response.writeHead(304, headers)
        response.end()
        return
      }
      headers['content-type'] = 'application/json; charset=utf-8'
      headers['content-length'] = body.length
      response.writeHead(200, headers)
      response.end(method === 'HEAD' ? undefined : body)
    }
  }

  return {
    handle(request, response) {
      if (version === '' && problem === undefined) waiting.push(() => answer(request, response))
      else answer(request, response)
    },
    close() {
      unwatch()
      problem = new WsyardError('WSYARD_ERR_REGISTRY_CLOSED', 'This hub has been closed. Ask another one.')
      ready()
    },
  }
}

function baseHeaders(
  origin: string | undefined,
  origins: readonly string[],
): Record<string, string | number> {
  const headers: Record<string, string | number> = {
    'cache-control': 'no-cache',
    vary: 'Origin',
    'x-content-type-options': 'nosniff',
  }
  if (origin !== undefined && isAllowedOrigin(origin, origins))
    headers['access-control-allow-origin'] = origin
  return headers
}

function sendError(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number>,
  error: { code: string; message: string },
): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify({ error }))
}

/** Whether `If-None-Match` names this version, compared weakly as RFC 9110 has it for GET. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}
