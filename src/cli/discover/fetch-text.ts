/**
 * Asks a port of this machine one question by HTTP, and reads no more of the answer than a limit. Whatever listens there may be anything.
 */
import { get } from 'node:http'

/** What is read of an answer. */
const maxAnswerBytes = 64 * 1024

/**
 * The text of a good answer, or the beginning of it: what has come when the limit is reached or `signal` is aborted. Undefined when there is
 * none. The address stands in `Host`, as debuggers answer to no name, by which a web site could ask. Never rejects.
 */
export function fetchText(port: number, path: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    let isAnswered = false
    const request = get({ host: '127.0.0.1', port, path, agent: false, signal }, (response) => {
      isAnswered = true
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length >= maxAnswerBytes) request.destroy()
      })
      response.once('error', () => {}) // it closes then, too
      response.once('close', () => {
        const text = Buffer.concat(chunks).toString('utf8', 0, maxAnswerBytes)
        resolve(response.statusCode === 200 ? text : undefined)
      })
    })
    request.once('error', () => {}) // it closes then, too, as it does when it is answered by an upgrade
    request.once('close', () => {
      if (!isAnswered) resolve(undefined)
    })
  })
}

/** The answer as JSON; undefined when it is none, or longer than the limit. Never rejects. */
export async function fetchJson(port: number, path: string, signal: AbortSignal): Promise<unknown> {
  const text = await fetchText(port, path, signal)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
