/**
 * Rows of cells that stand below each other. Pure.
 */
import { styleText } from 'node:util'
import { harmlessLine } from './format-message.js'

export interface Cell {
  readonly text: string
  readonly style?: Parameters<typeof styleText>[0]
}

export interface TableSection {
  /** Stands above its rows; the first section is best without. */
  readonly title?: string
  readonly rows: readonly (readonly Cell[])[]
}

/**
 * A heading, and the sections that have rows below it, apart from each other.
 *
 * @param columns how many characters fit into a line, which the last column gives up its middle for; undefined: as many as there are
 */
export function formatTable(
  heading: readonly string[],
  sections: readonly TableSection[],
  columns: number | undefined,
): string {
  const present = sections.filter(({ rows }) => rows.length > 0)
  const all = [
    heading,
    ...present.flatMap(({ rows }) => rows.map((row) => row.map(({ text }) => harmlessLine(text)))),
  ]
  const last = heading.length - 1
  const widths = heading.map((_, column) =>
    column === last ? 0 : Math.max(...all.map((row) => row[column]?.length ?? 0)),
  )
  const room = Math.max(
    12,
    (columns ?? Number.POSITIVE_INFINITY) - widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0),
  )
  const line = (row: readonly Cell[]): string => {
    const cells = row.map(({ text, style }, column) => {
      const shown = column === last ? shorten(harmlessLine(text), room) : harmlessLine(text)
      const padding = ' '.repeat(Math.max(0, (widths[column] ?? 0) - shown.length))
      return `${style === undefined ? shown : styleText(style, shown)}${padding}`
    })
    return `${cells.join('  ').trimEnd()}\n`
  }
  const blocks = present.map(({ title, rows }, position) => {
    const above = title === undefined ? '' : `${styleText('dim', title)}\n`
    return `${position === 0 ? '' : '\n'}${above}${rows.map(line).join('')}`
  })
  return [line(heading.map((text) => ({ text, style: 'bold' }))), ...blocks].join('')
}

/** Without its middle: what a path begins and ends with tells it from others. */
function shorten(text: string, room: number): string {
  if (text.length <= room) return text
  const end = Math.ceil((room - 1) * 0.6)
  return `${text.slice(0, room - 1 - end)}…${text.slice(-end)}`
}
