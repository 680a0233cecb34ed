/**
 * Texts of strangers as they are shown: what a reader would not see, or what would rearrange the rest, is written out.
 */

/**
 * Control characters, what changes the direction of writing, what has no width, and other line ends. The two that join letters and
 * emoji are part of many scripts.
 */
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u3164]/gu

/** With line breaks and tabs as they are. */
export function visibleText(text: string): string {
  return text.replace(unseen, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)))
}

/** In one line, of its first characters. */
export function visibleLine(text: string, maxLength = 300): string {
  const start = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return start.replace(unseen, (sign) => (sign === '\n' ? '↵' : sign === '\t' ? ' ' : escaped(sign)))
}

function escaped(sign: string): string {
  return `\\u{${sign.codePointAt(0)?.toString(16)}}`
}
