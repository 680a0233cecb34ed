/**
 * Rows of cells that stand below each other, in the room that there is. Pure.
 */
import { styleText } from 'node:util'
import { cellsOf, paddingOf, shortenCells } from './cells.js'
import { harmlessLine } from './format-message.js'

export interface Cell {
  readonly text: string
  /** What is shown instead where there is too little room. */
  readonly short?: string
  readonly style?: Parameters<typeof styleText>[0]
}

export interface TableSection {
  /** Stands above its rows; the first section is best without. */
  readonly title?: string
  readonly rows: readonly Row[]
}

type Row = readonly Cell[]

/** Between two columns. */
const gap = '  '

/** The last column is never made to fit into less. */
const leastCells = 12

/** It is to have these, or what it needs, before it loses its middle: other columns are given up first. */
const fairCells = 32

/**
 * A heading, and the sections that have rows below it, apart from each other.
 *
 * @param columns how many cells a line of the terminal has; undefined, or 0 as of one that does not say: as many as it takes
 * @param spare the headings of columns that are given up where those are too few, after long texts and before the middle of the last column
 */
export function formatTable(
  heading: readonly string[],
  sections: readonly TableSection[],
  columns: number | undefined,
  spare: readonly string[] = [],
): string {
  const cells = columns || Number.POSITIVE_INFINITY
  const present = sections.filter(({ rows }) => rows.length > 0)
  const head: Row = heading.map((text) => ({ text, style: 'bold' }))
  const rows = madeToFit([head, ...present.flatMap(({ rows }) => rows.map(harmlessRow))], cells, spare)
  const widths = widthsOf(rows)
  const room = Math.max(leastCells, cells - widthOf(widths.with(-1, 0)))
  const [first = '', ...lines] = rows.map((row) => {
    const shown = row.map(({ text, style }, column) => {
      const isLast = column === row.length - 1
      const fitting = isLast ? shortenCells(text, room) : text
      const styled = style === undefined ? fitting : styleText(style, fitting)
      return isLast ? styled : styled + paddingOf(text, widths[column] ?? 0)
    })
    return `${shown.join(gap).trimEnd()}\n`
  })
  const blocks = present.map(({ title, rows }, position) => {
    const above = title === undefined ? '' : `${styleText('dim', title)}\n`
    return `${position === 0 ? '' : '\n'}${above}${lines.splice(0, rows.length).join('')}`
  })
  return [first, ...blocks].join('')
}

/** Gives up what has to be given up, one thing after the other. */
function madeToFit(rows: readonly Row[], cells: number, spare: readonly string[]): readonly Row[] {
  const isTooWide = (some: readonly Row[]): boolean => {
    const widths = widthsOf(some)
    return widthOf(widths.with(-1, Math.min(fairCells, widths.at(-1) ?? 0))) > cells
  }
  let fitting = rows
  if (isTooWide(fitting))
    fitting = fitting.map((row) => row.map((cell) => ({ ...cell, text: cell.short ?? cell.text })))
  for (const title of spare) {
    if (!isTooWide(fitting)) break
    const column = fitting[0]?.findIndex(({ text }) => text === title) ?? -1
    fitting = fitting.map((row) => row.filter((_, position) => position !== column))
  }
  return fitting
}

function harmlessRow(row: Row): Row {
  return row.map((cell) => ({ ...cell, text: harmlessLine(cell.text) }))
}

/** Of each column. */
function widthsOf(rows: readonly Row[]): number[] {
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => cellsOf(row[column]?.text ?? ''))))
}

/** Of a whole line. */
function widthOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1))
}
