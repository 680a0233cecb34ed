/**
 * What a server or a hub answers to a plain request, as far as it tells who it is and why it refuses.
 */
import type { Socket } from 'node:net'
import { isRecord } from '../../core/index.js'
import { get } from '../discover/get.js'

export interface Answer {
  readonly status: number
  /** Of a refusal in the form that wsyard has (`PROTOCOL.md`, "Refusals"). */
  readonly code?: string
  readonly message?: string
  /** Whether it is a snapshot of a registry. */
  readonly isSnapshot?: boolean
}

/** A snapshot of ten thousand servers has 4 MiB. */
export const maxBodyBytes: number = 8 * 1024 * 1024

/**
 * Asks by GET. Rejects when there is no answer.
 *
 * @param socket the connection over which to ask, in place of one to where the address leads
 */
export async function ask(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  socket?: Socket,
): Promise<Answer> {
  const over = socket === undefined ? {} : { createConnection: () => socket }
  const { status, text } = await get(url, { headers, maxBytes: maxBodyBytes, signal, ...over })
  return readAnswer(status, text)
}

/** Whatever the body is, the status is what there is to tell. */
export function readAnswer(status: number, text: string): Answer {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { status }
  }
  if (!isRecord(value)) return { status }
  const { code, message } = isRecord(value.error) ? value.error : {}
  if (typeof code === 'string' && typeof message === 'string') return { status, code, message }
  return { status, isSnapshot: Array.isArray(value.servers) }
}
