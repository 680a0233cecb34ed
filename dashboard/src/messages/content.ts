/**
 * What a message holds, and in which ways it can be shown. Functions of data.
 */
import type { MessageData } from 'wsyard/client'
import { sizeOf } from '../model/message-log.js'
import { byteSize, figure } from '../parts/figures.js'
import { visibleLine } from '../parts/visible-text.js'

export type Shape = 'text' | 'json' | 'hex'

/** Larger texts are not looked at as JSON, in characters. */
const maxJson = 4_000_000

/** How many bytes of a binary message stand in its line. */
const lineBytes = 24

/** A message in one line. */
export function lineOf(data: MessageData): string {
  if (typeof data === 'string') return visibleLine(data)
  const start = hexOf(new Uint8Array(data, 0, Math.min(lineBytes, data.byteLength)))
  return `${start}${data.byteLength > lineBytes ? ' …' : ''}`
}

export function sizeText(data: MessageData): string {
  return typeof data === 'string' ? figure(sizeOf(data)) : byteSize(data.byteLength)
}

/** The value of a text that is a JSON object or array; undefined for any other message. */
export function jsonOf(data: MessageData): object | undefined {
  if (typeof data !== 'string' || data.length > maxJson || !/^\s*[[{]/.test(data)) return undefined
  try {
    return JSON.parse(data) as object
  } catch {
    return undefined
  }
}

export function bytesOf(data: MessageData): Uint8Array<ArrayBuffer> {
  return typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data)
}

/** `01 ab ff` */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

/** What is shown at first. */
export function naturalShape(data: MessageData): Shape {
  if (typeof data !== 'string') return 'hex'
  return jsonOf(data) === undefined ? 'text' : 'json'
}

/** What a button copies: the text, or the bytes in hex. */
export function copyTextOf(data: MessageData): string {
  return typeof data === 'string' ? data : hexOf(new Uint8Array(data))
}
