/**
 * Why a handshake was refused, in the words of who refused it.
 */
import type { IncomingMessage } from 'node:http'
import { isRecord } from '../../core/index.js'
import { harmlessLine } from './format-message.js'

/** How much is read of it. */
const maxRefusalBytes = 4096

/** The status of an answer, and what it says if it says it as servers of wsyard do. */
export async function refusalOf(response: IncomingMessage): Promise<string> {
  const status = `with ${response.statusCode} ${response.statusMessage}`.trim()
  let body = ''
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      body += chunk
      if (body.length > maxRefusalBytes) break
    }
    const parsed: unknown = JSON.parse(body)
    const { message } = isRecord(parsed) && isRecord(parsed.error) ? parsed.error : {}
    if (typeof message === 'string') return harmlessLine(`${status}: ${message}`)
  } catch {
    // Whatever else it says, the status is what there is to tell.
  }
  return harmlessLine(`${status}.`)
}
