/**
 * What somebody meant who wrote a name wrongly.
 */

/** How many letters of ten may be wrong. */
const tolerance = 0.4

/** The candidate that takes the fewest changes of a letter to make; undefined when that is most of them. */
export function closest(text: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, changes: changesBetween(text.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, changes }) => changes <= Math.min(text.length, candidate.length) * tolerance)
  return ranked.sort((a, b) => a.changes - b.changes)[0]?.candidate
}

/** Levenshtein's distance, row by row, but that two letters in the wrong order are one change. */
function changesBetween(from: string, to: string): number {
  let [before, row]: number[][] = [[], Array.from({ length: to.length + 1 }, (_, column) => column)]
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to].entries()) {
      const [left = 0, above = 0, diagonal = 0] = [next[column], row?.[column + 1], row?.[column]]
      const isSwap = letter === to[column - 1] && other === from[index - 1]
      const swapped = (isSwap ? before?.[column - 1] : undefined) ?? Number.POSITIVE_INFINITY
      next.push(Math.min(left + 1, above + 1, diagonal + Number(letter !== other), swapped + 1))
    }
    ;[before, row] = [row ?? [], next]
  }
  return row?.at(-1) ?? 0
}
