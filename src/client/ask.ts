/**
 * A question by HTTP, to a hub or to a server. What the answer means is for whoever asks.
 */
import type { Refusal, SnapshotServer } from '../core/index.js'

/** A hub or a server of this machine answers in milliseconds; one that takes this long is not going to. */
const answerMs = 5000

export interface Answer {
  /** Undefined where nothing answered, or not to the end. */
  readonly status?: number
  /** As far as it is JSON, and may be read. */
  readonly body?: HubAnswer | undefined
  /** Why there is no answer. */
  readonly cause?: unknown
}

/** What may stand in an answer of a hub; each has some of it. */
interface HubAnswer {
  readonly servers?: readonly SnapshotServer[]
  readonly error?: Refusal
  /** Of a registry that is lost: what was last known of its servers is among the others. */
  readonly problem?: Refusal
  readonly roundTripMs?: number | null
}

/** Never rejects. */
export async function ask(
  url: string,
  token: string | undefined,
  mode: RequestMode = 'cors',
  limitMs: number = answerMs,
): Promise<Answer> {
  try {
    const response = await fetch(url, {
      mode,
      cache: 'no-cache',
      signal: AbortSignal.timeout(limitMs),
      headers: token ? { authorization: `Bearer ${token}` } : {},
    })
    return { status: response.status, body: parse(await response.text()) }
  } catch (cause) {
    return { cause }
  }
}

function parse(text: string): HubAnswer | undefined {
  try {
    return JSON.parse(text) ?? undefined
  } catch {
    return undefined
  }
}
