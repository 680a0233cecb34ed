/**
 * Judges what watchers were told by what the store had: every revision that changed something, once, in order, for the reason that stands
 * there, and soon. Pure.
 */
import { createReplay } from '../../support/replay.js'
import type { Remark } from '../records.js'
import { millisecond, second } from './clock.js'
import { delay, overlaps } from './lives.js'
import { added, removed, type Told } from './presences.js'
import type { Measures } from './probe.js'

export interface WatcherFindings {
  readonly findings: readonly string[]
  /** How long the slowest change took to be told, nanoseconds. */
  readonly slowest: number
  /** Whom it saw at the end, by id. */
  readonly view: ReadonlyMap<string, readonly string[]>
}

/** So late a change may be told; and so much later when a member hangs, which is found out after three seconds of silence. */
const soon = second
const hangingMember = 6 * second

interface Heard {
  readonly at: number
  readonly changes: readonly string[]
}

export function judgeWatcher(
  name: string,
  remarks: readonly Remark[],
  told: readonly Told[],
  { measures, endedAt }: { readonly measures: Measures; readonly endedAt: number },
): WatcherFindings {
  const findings: string[] = []
  const replay = createReplay()
  const heard: Heard[] = []
  let first: string | undefined
  for (const remark of remarks) {
    if (!('event' in remark)) continue
    try {
      replay.take(remark.event)
    } catch (error) {
      findings.push(`${name}: ${String(error)}`)
    }
    if (remark.event.type === 'snapshot') {
      first ??= contentOf(replay.entries.values())
      continue
    }
    const changes = remark.event.changes.flatMap((change) => {
      const { id, meta } = change.entry
      if (change.type === 'updated') return [] // it does not answer, or does again
      return change.type === 'added'
        ? added(id, String(meta?.run))
        : removed(id, String(meta?.run), change.reason)
    })
    if (changes.length > 0) heard.push({ at: remark.at, changes: changes.sort() })
  }
  const view = new Map([...replay.entries.values()].map(({ id, meta }) => [id, [String(meta?.run)]]))
  const start = startOf(first, told, heard)
  if (start === undefined)
    return { findings: [...findings, `${name}: began with what never was`], slowest: 0, view }

  const expected = told.slice(start)
  let slowest = 0
  for (const [position, { revision, at, changes }] of expected.entries()) {
    const one = heard[position]
    if (one === undefined && at > endedAt - soon) break // it may not have been told yet
    if (one?.changes.join() !== changes.join()) {
      findings.push(
        `${name}: was told ${one?.changes.join() ?? 'nothing'}, not revision ${revision}: ${changes.join()}`,
      )
      break
    }
    const late = one.at - at
    slowest = Math.max(slowest, late)
    const time = { invoked: at, returned: one.at }
    const hang = measures.faults.some((fault) => overlaps(fault, { ...time, invoked: at - hangingMember }))
    if (late > soon + (hang ? hangingMember : 0) + delay(measures, time))
      findings.push(
        `${name}: was told of revision ${revision} only after ${(late / millisecond).toFixed(0)} ms`,
      )
  }
  if (heard.length > expected.length)
    findings.push(`${name}: was told ${heard.length - expected.length} more`)
  return { findings, slowest, view }
}

/** From which of the changes on somebody was told who began with this: of several where it would fit, the one that goes on right. */
function startOf(
  first: string | undefined,
  told: readonly Told[],
  heard: readonly Heard[],
): number | undefined {
  const next = heard[0]?.changes.join()
  const contents = ['', ...told.map(({ view }) => contentOfView(view))]
  const starts = contents.flatMap((content, position) => (content === first ? [position] : []))
  return starts.find((position) => told[position]?.changes.join() === next) ?? starts.at(-1)
}

function contentOf(
  entries: Iterable<{ readonly id: string; readonly meta?: Record<string, unknown> }>,
): string {
  return contentOfView(new Map([...entries].map(({ id, meta }) => [id, String(meta?.run)])))
}

function contentOfView(view: ReadonlyMap<string, string>): string {
  return [...view]
    .map(([id, run]) => `${id} ${run}`)
    .sort()
    .join()
}
