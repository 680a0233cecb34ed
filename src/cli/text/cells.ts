/**
 * How many cells of a terminal a text takes, and how it is made to take fewer. Pure.
 */

/** Each sign of such a text is a cell, which is known without what the segmenter takes to load. */
const plain = /^[\x20-\x7e]*$/

/** What people count as one sign: terminals show one that has an emoji in it as one. */
let segmenter: Intl.Segmenter | undefined

const emoji = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u

/** What adds nothing to the sign before it. A soft hyphen is shown. */
const nothing = /^(?!\xad)[\p{Mn}\p{Me}\p{Cf}]$/u

/** The blocks of East Asian signs, which are as wide as two others (Unicode, "East Asian Width"). */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]$/u

export function cellsOf(text: string): number {
  if (plain.test(text)) return text.length
  return signsOf(text).reduce((sum, sign) => sum + cellsOfSign(sign), 0)
}

/** The spaces behind a text that is to fill so many cells. */
export function paddingOf(text: string, cells: number): string {
  return ' '.repeat(Math.max(0, cells - cellsOf(text)))
}

/** The text without its middle where it takes more cells: what a path begins and ends with tells it from others. */
export function shortenCells(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text
  const atEnd = Math.ceil((cells - 1) * 0.6)
  const signs = signsOf(text)
  const end = startOf(signs.toReversed(), atEnd).reverse()
  return `${startOf(signs, cells - 1 - atEnd).join('')}…${end.join('')}`
}

/** As many of the signs as fit. */
function startOf(signs: readonly string[], cells: number): string[] {
  let sum = 0
  return signs.filter((sign) => {
    sum += cellsOfSign(sign)
    return sum <= cells
  })
}

function signsOf(text: string): string[] {
  if (plain.test(text)) return [...text]
  segmenter ??= new Intl.Segmenter()
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function cellsOfSign(sign: string): number {
  if (emoji.test(sign)) return 2
  return [...sign].reduce((sum, one) => sum + (nothing.test(one) ? 0 : wide.test(one) ? 2 : 1), 0)
}
