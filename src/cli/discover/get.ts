/**
 * One question by HTTP, of whose answer no more is read than a limit: whatever listens there may be anything, and may answer without end.
 */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

/** An answer, or the beginning of one. */
export interface Got {
  readonly status: number
  /** What had come of the body when it ended, the limit was reached or `signal` was aborted. */
  readonly text: string
}

export interface GetOptions extends Pick<RequestOptions, 'headers' | 'createConnection'> {
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** Asks by GET, over a connection of its own. Rejects when there is no answer before `signal` is aborted. */
export function get(url: string, { maxBytes, ...options }: GetOptions): Promise<Got> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const asking = request(url, { ...options, agent: false }, (response) => {
      const { statusCode: status = 0 } = response
      void readBody(response, maxBytes).then((text) => resolve({ status, text }))
    })
    asking.once('upgrade', ({ statusCode: status = 0 }, socket) => {
      socket.on('error', () => {}).destroy()
      resolve({ status, text: '' })
    })
    asking.on('error', reject)
    asking.end()
  })
}

/** What comes of a body until it ends or the limit is reached, by which the answer is cut off. Never rejects. */
export function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length >= maxBytes) response.destroy()
  })
  response.on('error', () => {}) // it closes then, too
  return new Promise((resolve) => {
    response.once('close', () => resolve(Buffer.concat(chunks).toString('utf8', 0, maxBytes)))
  })
}
