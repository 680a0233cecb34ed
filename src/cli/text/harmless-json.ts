/**
 * JSON that a terminal may show, whatever texts of other processes are in it. Pure.
 */

/** What `JSON.stringify` escapes, and all else by which a terminal moves the cursor or turns the reading direction. */
export function harmlessJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(
    /[\x7f-\x9f]|\p{Bidi_Control}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
