/**
 * What a server or a hub answers to a plain request, as far as it tells who it is and why it refuses.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isRecord } from '../../core/index.js'

export interface Answer {
  readonly status: number
  /** Of a refusal in the form that wsyard has (`PROTOCOL.md`, "Refusals"). */
  readonly code?: string
  readonly message?: string
  /** Whether it is a snapshot of a registry. */
  readonly isSnapshot?: boolean
}

/** A snapshot of ten thousand servers has 4 MiB. */
const maxBodyBytes = 8 * 1024 * 1024

/** Asks by GET. Rejects when there is no answer. */
export function ask(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers, signal, agent: false }, (response) => {
      void readAnswer(response).then(resolve)
    })
    asking.once('error', reject)
    asking.end()
  })
}

/** Never rejects: whatever the body is, the status is what there is to tell. */
export async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0 } = response
  let body = ''
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      body += chunk
      if (body.length > maxBodyBytes) break
    }
    const value: unknown = JSON.parse(body)
    if (!isRecord(value)) return { status }
    const { code, message } = isRecord(value.error) ? value.error : {}
    if (typeof code === 'string' && typeof message === 'string') return { status, code, message }
    return { status, isSnapshot: Array.isArray(value.servers) }
  } catch {
    return { status }
  }
}
