/**
 * Asks a port of this machine one question by HTTP, as adapters do of whatever may listen there.
 */
import { get } from './get.js'

/** What is read of an answer. */
const maxAnswerBytes = 64 * 1024

/**
 * The text of a good answer, or the beginning of it: what has come when the limit is reached or `signal` is aborted. Undefined when there is
 * none. The address stands in `Host`, as debuggers answer to no name, by which a web site could ask. Never rejects.
 */
export async function fetchText(
  port: number,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const options = { maxBytes: maxAnswerBytes, signal }
    const { status, text } = await get(`http://127.0.0.1:${port}${path}`, options)
    return status === 200 ? text : undefined
  } catch {
    return undefined
  }
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
