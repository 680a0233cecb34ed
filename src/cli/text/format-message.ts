/**
 * What a message of a server looks like in a terminal or a pipe. Pure.
 */

const bytesPerLine = 16

/** A binary message as `hexdump -C` has it, offset, bytes and characters; an empty one is its offset alone. */
export function formatBytes(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let offset = 0; offset === 0 || offset < bytes.length; offset += bytesPerLine) {
    const part = [...bytes.subarray(offset, offset + bytesPerLine)]
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    const start = offset.toString(16).padStart(8, '0')
    lines.push(part.length === 0 ? start : `${start}  ${hex.padEnd(bytesPerLine * 3 - 1)}  |${text}|`)
  }
  return lines.join('\n')
}

/** A text as a terminal may show it: nothing in it moves the cursor, changes a title or turns the reading direction. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, (control) => {
    const code = control.charCodeAt(0).toString(16)
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`
  })
}

/** The same in one line. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/[\n\t]/g, ' ')
}
