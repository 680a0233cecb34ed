/**
 * Reads the JSON behind a key, whatever is there.
 */
import { maxEntryBytes } from '../registry/drivers/index.js'
import { type Base64, fromBase64 } from './client/wire.js'

/** What is larger is not looked into. */
export function isTooLarge(value: Base64 = ''): boolean {
  return value.length > (maxEntryBytes * 4) / 3 + 4
}

/** Undefined for what is too large, or no JSON. */
export function parseValue(value: Base64 = ''): unknown {
  if (isTooLarge(value)) return undefined
  try {
    return JSON.parse(fromBase64(value))
  } catch {
    return undefined
  }
}
