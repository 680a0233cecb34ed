/**
 * The frame of `wsyard doctor`: runs the checks side by side, repairs what they offer to, and looks again. What is checked is in `checks/`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { reasonOf } from '../../core/index.js'
import type { Check, Found } from './finding.js'
import type { Surroundings } from './surroundings.js'

/** What became of one check. */
export interface Result {
  readonly check: Pick<Check, 'name' | 'well'>
  /** Undefined when there was nothing to look at. */
  readonly found: readonly Found[] | undefined
}

/** What became of one repair: it was done, or why not. */
export type Repair = { readonly check: string; readonly found: Found } & (
  | { readonly did: string }
  | { readonly failure: string }
)

/** Longer than any check waits by itself. */
const checkMs = 10_000

/** What a repair has opened, such as a directory, may hold more to repair. */
const maxRounds = 3

/** Runs all checks at once. One that fails, or does not end, is a finding of its own. */
export function examine(checks: readonly Check[], surroundings: Surroundings): Promise<Result[]> {
  return Promise.all(
    checks.map(async (check) => {
      if (check.needsEntries === true && !surroundings.isRead) return { check, found: undefined }
      const end = new AbortController()
      const late = pause(checkMs, undefined, { signal: end.signal }).then(() => {
        throw new Error(`it has not ended within ${checkMs / 1000} s`)
      })
      const found = Promise.race([check.look(surroundings), late]).catch((error: unknown) => [
        failed(check, error),
      ])
      return { check, found: await found.finally(() => end.abort()) }
    }),
  )
}

function failed({ name }: Check, error: unknown): Found {
  return {
    level: 'problem',
    what: `The check "${name}" could not be made: ${reasonOf(error)}.`,
    cure: 'Run it again; if it fails again, report it with this line.',
  }
}

/**
 * Examines, repairs what can be, one after the other, and examines again.
 *
 * @param lookAround anew each time, as it is another place by then
 */
export async function examineAndRepair(
  checks: readonly Check[],
  lookAround: () => Promise<Surroundings>,
): Promise<{ results: Result[]; repairs: Repair[] }> {
  const repairs: Repair[] = []
  const tried = new Set<string>()
  for (let round = 0; ; round += 1) {
    const results = await examine(checks, await lookAround())
    const due = results
      .flatMap(({ check, found = [] }) => found.map((one) => ({ check: check.name, found: one })))
      .filter(({ found }) => found.repair !== undefined && !tried.has(found.what))
    if (due.length === 0 || round === maxRounds) return { results, repairs }
    for (const { check, found } of due) {
      tried.add(found.what)
      repairs.push({ check, found, ...(await tryToRepair(found)) })
    }
  }
}

async function tryToRepair({ repair }: Found): Promise<{ did: string } | { failure: string }> {
  try {
    return { did: (await repair?.()) ?? 'Nothing.' }
  } catch (error) {
    return { failure: reasonOf(error) }
  }
}
