/**
 * What a message of a server looks like in a terminal or a pipe. Pure.
 */

const bytesPerLine = 16

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const characterOf = Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
)

/**
 * A binary message as `hexdump -C` has it, offset, bytes and characters; an empty one is its offset alone.
 *
 * @param maxBytes how much of it is shown, a multiple of sixteen; a last line says how much more there is
 */
export function formatBytes(bytes: Uint8Array, maxBytes: number = Number.POSITIVE_INFINITY): string {
  if (bytes.length === 0) return formatOffset(0)
  const end = Math.min(bytes.length, maxBytes)
  const lines: string[] = []
  for (let offset = 0; offset < end; offset += bytesPerLine) {
    let hex = ''
    let text = ''
    for (const byte of bytes.subarray(offset, Math.min(offset + bytesPerLine, end))) {
      hex += `${hexOf[byte]} `
      text += characterOf[byte]
    }
    lines.push(`${formatOffset(offset)}  ${hex.padEnd(bytesPerLine * 3)} |${text}|`)
  }
  if (end < bytes.length) lines.push(`… and ${formatSize(bytes.length - end)} more`)
  return lines.join('\n')
}

function formatOffset(offset: number): string {
  return offset.toString(16).padStart(8, '0')
}

/** As people say it, in whole numbers of the largest unit that there is one of. */
function formatSize(sizeBytes: number): string {
  if (sizeBytes >= 1e6) return `${Math.round(sizeBytes / 1e6)} MB`
  if (sizeBytes >= 1000) return `${Math.round(sizeBytes / 1000)} kB`
  return sizeBytes === 1 ? '1 byte' : `${sizeBytes} bytes`
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
