/**
 * What happens in a conversation, and how it is printed on the standard output. Pure.
 */
import { harmless } from '../text/format-message.js'
import { harmlessJson } from '../text/harmless-json.js'
import { type Message, type Notation, showMessage } from './notation.js'

export type TalkEvent =
  | { readonly type: 'open'; readonly id: string; readonly port: number; readonly protocol: string }
  | { readonly type: 'message'; readonly message: Message }
  /** There is no connection any more, and another one is waited for. */
  | { readonly type: 'lost'; readonly reason: string }
  /** It is over: how the last connection has ended, which may have been lost before. */
  | { readonly type: 'close'; readonly code: number; readonly reason: string }

/** A line for an event, or several where a message has several; undefined for one of which nothing is printed. */
export type FormatEvent = (event: TalkEvent) => string | undefined

/** How much of a binary message a terminal shows: some four thousand lines, which is more than anybody reads there. */
const maxDumpBytes = 64 * 1024

/**
 * Messages alone, as they are; for a terminal harmless, and of a dump only the first part.
 *
 * @param notation of binary ones; undefined: a dump of hex
 */
export function createTextFormat(notation: Notation | undefined, isTerminal: boolean): FormatEvent {
  return (event) => {
    if (event.type !== 'message') return undefined
    const text = showMessage(event.message, notation, isTerminal ? maxDumpBytes : undefined)
    return isTerminal ? harmless(text) : text
  }
}

/** Every event as a line of JSON, which is harmless anywhere. */
export const formatAsJson: FormatEvent = (event) => {
  const { type } = event
  if (type !== 'message') return harmlessJson(event)
  const { message } = event
  return harmlessJson(
    typeof message === 'string' ? { type, data: message } : { type, base64: message.toString('base64') },
  )
}
