/**
 * The files of a built page, beside a standalone hub.
 */
import { existsSync } from 'node:fs'
import type { RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import sirv from 'sirv'
import { WsyardError } from '../../core/index.js'

/**
 * Answers requests for files of a directory, as they are at that moment; paths without a file get its index.html.
 *
 * @throws {WsyardError} `WSYARD_ERR_PAGE_MISSING` when there is no page in it.
 */
export function servePage(directory: string): RequestListener {
  if (!existsSync(join(directory, 'index.html'))) {
    const message = `There is no page in ${directory}: no index.html. Build it first, or leave the directory out to serve the dashboard.`
    throw new WsyardError('WSYARD_ERR_PAGE_MISSING', message, { path: directory })
  }
  const setHeaders = (response: ServerResponse): void => {
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'no-referrer')
    response.setHeader('x-frame-options', 'SAMEORIGIN')
  }
  const files = sirv(directory, { dev: true, single: true, setHeaders })
  const notFound = (response: ServerResponse): void => {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    response.end('No such page.\n')
  }
  return (request, response) => {
    if (isHidden(request.url)) return notFound(response)
    if (!isRange(request.headers.range)) delete request.headers.range // as RFC 9110 has it, and sirv throws
    response.once('pipe', (file: Readable) => {
      file.once('error', () => response.destroy()) // a build may take it away between the look and the reading
      response.once('close', () => file.destroy()) // or who asked is gone, and nothing else would close it
    })
    try {
      files(request, response, () => notFound(response))
    } catch {
      response.destroy()
    }
  }
}

/** Whether `Range` asks for one piece of a file, from one byte on. Anything else may be answered with the whole file. */
function isRange(text = ''): boolean {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(text) ?? []
  return first !== undefined && (last === '' || Number(last) >= Number(first))
}

/** Whether a path leads to a file that people keep to themselves, as `.env`, or can not be read at all. */
function isHidden(target = ''): boolean {
  try {
    return decodeURIComponent(target.split('?')[0] ?? '')
      .split(/[/\\]/)
      .some((part) => part.startsWith('.') && part !== '.well-known')
  } catch {
    return true
  }
}
