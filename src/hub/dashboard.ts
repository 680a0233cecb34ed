/**
 * `GET /__wsyard/`: the files of the dashboard. There are few of them, so that they are read once; what was not found then has no
 * name here, and nothing outside of their directory can be asked for.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refuse } from './answers.js'

/** The dashboard as it was built; the same place for the hub's sources and for the compiled hub. */
const builtDirectory = fileURLToPath(new URL('../../dist/dashboard', import.meta.url))

/**
 * What the page may do: its own scripts and styles, WebSockets to servers, which have any port of this machine, and asking one that
 * refused its WebSocket why.
 */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://localhost:* ws://127.0.0.1:* http://localhost:* http://127.0.0.1:*; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface DashboardFile {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

export interface DashboardHandler {
  /** Answers a request that is welcome. @param file its path behind `/__wsyard`; empty for that itself */
  handle(request: IncomingMessage, response: ServerResponse, file: string): void
}

export function createDashboardHandler(directory: string = builtDirectory): DashboardHandler {
  let files: ReadonlyMap<string, DashboardFile> = new Map()

  return {
    handle(request, response, name) {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        const message = `${request.method} is not answered here. The dashboard is read with GET.`
        return refuse(response, { code: 'METHOD_NOT_ALLOWED', message }, { allow: 'GET, HEAD' })
      }
      if (name === '') {
        response.writeHead(301, { location: '__wsyard/' }).end() // relative, whatever stands before it
        return
      }
      if (files.size === 0) files = readFiles(directory)
      const file = files.get(name === '/' ? '/index.html' : name)
      if (file === undefined) return notFound(response, files.size === 0)
      const isKnown = request.headers['if-none-match'] === file.headers.etag
      response.writeHead(isKnown ? 304 : 200, file.headers)
      response.end(isKnown || request.method === 'HEAD' ? undefined : file.body)
    },
  }
}

function notFound(response: ServerResponse, isUnbuilt: boolean): void {
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.end(
    isUnbuilt ? 'The dashboard is not built. Build it: npm run build\n' : 'The dashboard has no such file.\n',
  )
}

/** By path, with `/` first. Empty where there is no dashboard. */
function readFiles(directory: string): ReadonlyMap<string, DashboardFile> {
  const files = new Map<string, DashboardFile>()
  for (const path of namesIn(directory)) {
    const contentType = contentTypes[extname(path)]
    if (contentType === undefined) continue
    const name = `/${path.split(sep).join('/')}`
    const body = readFileSync(join(directory, path))
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    const isNamedByContent = name.startsWith('/assets/')
    const headers = {
      'content-type': contentType,
      'cache-control': isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': policy,
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      etag,
    }
    files.set(name, { body, headers })
  }
  return files
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
}
