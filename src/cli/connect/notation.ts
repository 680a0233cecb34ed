/**
 * How binary messages are written and read as text. Pure.
 */
import { formatBytes } from '../text/format-message.js'

export const notations = ['hex', 'base64'] as const

/** In which letters the bytes of a binary message stand in a line. */
export type Notation = (typeof notations)[number]

/** A text message, or the bytes of a binary one. */
export type Message = string | Buffer

const patterns = {
  hex: /^(?:[\da-f]{2})*$/i,
  base64: /^(?:[\w+/-]{4})*(?:[\w+/-]{2}(?:==)?|[\w+/-]{3}=?)?$/,
} as const

/** The bytes that a text stands for, wherever it is broken by spaces; undefined when it is not in that notation. */
export function readBytes(text: string, notation: Notation): Buffer | undefined {
  const digits = text.replace(/\s+/g, '')
  return patterns[notation].test(digits) ? Buffer.from(digits, notation) : undefined
}

/**
 * A message as text: bytes in the notation, or as a dump of hex for people to read.
 *
 * @param maxBytes how much is dumped; the notation has all of it
 */
export function showMessage(message: Message, notation: Notation | undefined, maxBytes?: number): string {
  if (typeof message === 'string') return message
  return notation === undefined ? formatBytes(message, maxBytes) : message.toString(notation)
}
