/** What somebody sees in a terminal, given what was written to it: as much of one as line editing needs. */

const esc = '\x1b'

/** What moves the cursor or clears, and otherwise one character. */
const piecePattern = new RegExp(`${esc}\\[(\\d*)([A-Z])|${esc}\\[\\?\\d+[hl]|[\\s\\S]`, 'gu')

/**
 * The lines of the screen, without the empty ones at its end.
 *
 * @param columns after which a line goes on in the next row
 */
export function screenOf(output: string, columns = Number.POSITIVE_INFINITY): string[] {
  const rows: string[][] = [[]]
  let [row, column] = [0, 0]
  const rowAt = (index: number): string[] => {
    while (rows.length <= index) rows.push([])
    return rows[index] ?? []
  }
  const pieces = output.matchAll(piecePattern)
  for (const [piece, count = '', action] of pieces) {
    const steps = Number(count || 1)
    if (action === 'A') row = Math.max(0, row - steps)
    else if (action === 'B') row += steps
    else if (action === 'C') column += steps
    else if (action === 'D') column = Math.max(0, column - steps)
    else if (action === 'G') column = steps - 1
    else if (action === 'K') rowAt(row).splice(column)
    else if (action === 'J') {
      rowAt(row).splice(column)
      rows.splice(row + 1)
    } else if (piece === '\r') column = 0
    else if (piece === '\n') row += 1
    else if (action === undefined && piece.length === 1) {
      if (column >= columns) [row, column] = [row + 1, 0]
      const cells = rowAt(row)
      while (cells.length < column) cells.push(' ')
      cells[column] = piece
      column += 1
    }
  }
  return rows
    .map((cells) => cells.join('').trimEnd())
    .join('\n')
    .trimEnd()
    .split('\n')
}
