/**
 * What is seen of several registries as one. An entry of an earlier one hides one of the same id in a later one, and takes the same run
 * there along when it goes.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { asWsyardError, defined, type Entry, type RemovalReason, WsyardError } from '../../../core/index.js'
import { isOfThisMachine } from '../../listening.js'
import type { Driver, DriverView, ViewListener } from '../driver.js'

/** How long the others than the first are waited for, milliseconds, so that what is seen first is all there is; and then no longer. */
const othersMs = 1000

/** How long the first registry may take to tell of a server of this machine of which a later one has told, milliseconds. */
const firstMs = 300

export async function openMergedView(
  drivers: readonly Driver[],
  { onEntries, onChanges, onProblem }: ViewListener,
): Promise<DriverView> {
  const parts = drivers.map(() => new Map<string, Entry>())
  const problems = drivers.map((): WsyardError | undefined => undefined)
  /** Runs that have left a registry and are in another one yet: the first that they have left. What later ones have of them is not shown. */
  const departed = new Map<string, number>()
  /** Runs of this machine that a later registry has told of, and the first may be about to. */
  const early = new Map<string, NodeJS.Timeout>()
  let isReady = false

  const find = (id: string): Entry | undefined => {
    for (const [position, part] of parts.entries()) {
      const entry = part.get(id)
      const run = entry?.instance ?? ''
      const isHidden = position > (departed.get(run) ?? Infinity) || (position > 0 && early.has(run))
      if (entry !== undefined && !isHidden) return entry
    }
    return undefined
  }

  const waitForFirst = (id: string, run: string): void => {
    stopWaiting(run)
    const show = (): void => {
      early.delete(run)
      onChanges(new Map([[id, find(id)]]), () => 'deregistered') // nobody goes by that
    }
    early.set(run, setTimeout(show, firstMs))
  }
  const stopWaiting = (run: string): void => {
    clearTimeout(early.get(run))
    early.delete(run)
  }

  const come = (position: number, entry: Entry, run: string): void => {
    if (position <= (departed.get(run) ?? -1)) departed.delete(run)
    const isFirstYet = parts[0]?.get(entry.id)?.instance === run
    if (position === 0) stopWaiting(run)
    else if (isReady && !isFirstYet && isOfThisMachine(entry)) waitForFirst(entry.id, run)
  }
  const leave = (position: number, id: string, run: string): void => {
    stopWaiting(run)
    const isElsewhere = parts.some((part) => part.get(id)?.instance === run)
    if (isElsewhere) departed.set(run, Math.min(position, departed.get(run) ?? Infinity))
    else departed.delete(run)
  }
  const set = (position: number, id: string, entry: Entry | undefined): void => {
    const before = parts[position]?.get(id)?.instance
    if (entry === undefined) parts[position]?.delete(id)
    else parts[position]?.set(id, entry)
    if (before === entry?.instance) return
    if (before !== undefined) leave(position, id, before)
    if (entry?.instance !== undefined) come(position, entry, entry.instance)
  }

  const tellProblem = (): void => onProblem(problems.find((one) => one !== undefined))

  const listenerOf = (position: number): ViewListener => {
    const change = (
      changed: ReadonlyMap<string, Entry | undefined>,
      reasonFor: (gone: Entry) => RemovalReason,
    ): void => {
      for (const [id, entry] of changed) set(position, id, entry)
      if (isReady) onChanges(new Map(Array.from(changed.keys(), (id) => [id, find(id)])), reasonFor)
    }
    return {
      onEntries(entries, reasonFor) {
        const gone = Array.from(parts[position]?.keys() ?? []).filter((id) => !entries.has(id))
        change(new Map([...gone.map((id) => [id, undefined] as const), ...entries]), reasonFor)
      },
      onChanges: change,
      onProblem(problem) {
        problems[position] = problem
        if (isReady) tellProblem()
      },
    }
  }

  const opening = drivers.map(async (driver, position) => {
    const listener = listenerOf(position)
    try {
      return await driver.view(listener)
    } catch (error) {
      if (position === 0) throw error
      listener.onProblem(problemOf(driver, error))
      return undefined
    }
  })
  const forEach = (use: (view: DriverView) => void): void => {
    for (const one of opening) one.then((view) => view && use(view), ignore)
  }
  const close = (): void => {
    for (const run of early.keys()) stopWaiting(run)
    forEach((view) => view.close())
  }
  const [first, ...others] = opening
  try {
    await Promise.all([
      first,
      Promise.race([Promise.all(others), pause(othersMs, undefined, { ref: false })]),
    ])
  } catch (error) {
    close()
    throw error
  }
  isReady = true
  const entries = new Map<string, Entry>()
  for (const id of parts.flatMap((part) => [...part.keys()])) {
    const entry = find(id)
    if (entry !== undefined) entries.set(id, entry)
  }
  onEntries(entries, () => 'deregistered')
  if (problems.some((one) => one !== undefined)) tellProblem()
  return { check: (id) => forEach((view) => view.check(id)), close }
}

/** Of one that cannot be opened as it is; the others do without it. */
function problemOf({ source }: Driver, error: unknown): WsyardError {
  const { code, message } = asWsyardError(error)
  return new WsyardError(code, message, { cause: error, ...defined({ source }) })
}

/** The first, of which whoever opens this has heard. */
function ignore(): void {}
