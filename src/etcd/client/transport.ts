/**
 * One request to one member over HTTP: a call that is answered once, or a watch that is answered for as long as it is open.
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { EtcdError, errorIn, unreachable } from './etcd-error.js'

/** By what a member is known, and this client to it: PEM texts. */
export interface Certificates {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface PostOptions {
  /** Of the user, if there is one. */
  readonly token: string | undefined
  /** Milliseconds. */
  readonly withinMs: number
}

export interface Transport {
  /** @throws {EtcdError} when there is no answer in time, or none of what was asked for. */
  post(endpoint: string, path: string, body: unknown, options: PostOptions): Promise<unknown>
  /** A request whose body stays open, on a socket of its own. */
  stream(endpoint: string, path: string, token: string | undefined): ClientRequest
  close(): void
}

/** Of the answer to one call: some thousand entries. */
const maxAnswerBytes = 64 * 1024 * 1024

/** To one member at once; more wait for their turn. */
const maxSockets = 16

/** A member of a network that works accepts within a round trip. Later, a packet was lost, and another attempt gets there sooner. */
const connectMs = 1000

export function createTransport(certificates: Certificates): Transport {
  const pools = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets }),
    'https:': new HttpsAgent({ ...certificates, keepAlive: true, maxSockets }),
  }

  const begin = (
    endpoint: string,
    path: string,
    headers: Record<string, string | number>,
    isOfPool: boolean,
  ): ClientRequest => {
    const url = new URL(path, endpoint)
    const options = { method: 'POST', headers, noDelay: true }
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, agent: isOfPool ? pools['https:'] : false, ...certificates })
        : httpRequest(url, { ...options, agent: isOfPool ? pools['http:'] : false })
    return limitConnecting(request)
  }

  const post: Transport['post'] = async (endpoint, path, body, { token, withinMs }) => {
    const bytes = Buffer.from(JSON.stringify(body))
    const request = begin(endpoint, path, { ...headersFor(token), 'content-length': bytes.length }, true)
    const late = new Error(`no answer within ${withinMs / 1000} s`)
    const timer = setTimeout(() => request.destroy(late), withinMs)
    try {
      const { status, text } = await answerTo(request, bytes)
      const answer = parsed(text)
      const error = errorIn(endpoint, status, answer)
      if (error !== undefined) throw error
      return answer
    } catch (error) {
      if (error instanceof EtcdError) throw error
      const wasCloseable = request.reusedSocket && error !== late
      if (wasCloseable) return post(endpoint, path, body, { token, withinMs }) // by the other side, while it was kept
      throw unreachable(endpoint, error)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    post,
    stream(endpoint, path, token) {
      // Without a leader a member has no news, and says so to those who ask for that alone.
      return begin(endpoint, path, { ...headersFor(token), 'grpc-metadata-hasleader': 'true' }, false)
    },
    close() {
      for (const pool of Object.values(pools)) pool.destroy()
    },
  }
}

function limitConnecting(request: ClientRequest): ClientRequest {
  request.on('socket', (socket) => {
    if (!socket.connecting) return
    const timer = setTimeout(() => request.destroy(new Error('cannot be connected to')), connectMs)
    const clear = (): void => clearTimeout(timer)
    socket.once('connect', clear).once('close', clear)
  })
  return request
}

/** Without `accept` some versions take whoever brings no token for the user that the member's own certificate names. */
function headersFor(token: string | undefined): Record<string, string> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  return token === undefined ? headers : { ...headers, authorization: token }
}

function answerTo(request: ClientRequest, body: Buffer): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > maxAnswerBytes)
          request.destroy(new Error(`an answer of more than ${maxAnswerBytes} bytes`))
        chunks.push(chunk)
      })
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
      })
    })
    request.end(body)
  })
}

/** The text itself where it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
