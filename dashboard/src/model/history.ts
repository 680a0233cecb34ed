/**
 * The last minutes of every server, as lanes: one for each name, with a run for each time that a server of that name has run.
 * Functions of data; the clock is the caller's.
 */
import type { ClientServer, RemovalReason } from 'wsyard/client'
import { labelOf } from './shown-servers.js'

/** One server from its start to its end. Times are milliseconds since 1970. */
export interface Run {
  readonly id: string
  readonly from: number
  /** When it was gone; undefined while it is there. */
  readonly to: number | undefined
  readonly reason: RemovalReason | undefined
  /** Since when it does not answer, and until when, each time. */
  readonly silences: readonly Silence[]
}

interface Silence {
  readonly from: number
  readonly to: number | undefined
}

/** All runs under one name, the oldest first. */
export interface Lane {
  readonly label: string
  readonly runs: readonly Run[]
}

/** What is older is forgotten, in milliseconds. */
export const historyMs = 15 * 60_000

/** A server is there: as it was found, or as it has changed. */
export function withServer(lane: Lane | undefined, server: ClientServer, now: number): Lane {
  const label = labelOf(server)
  const present = lane?.runs.find(({ id, to }) => id === server.id && to === undefined)
  const run: Run = present ?? {
    id: server.id,
    from: startOf(server, now),
    to: undefined,
    reason: undefined,
    silences: [],
  }
  const silences = silencesOf(run.silences, server.state === 'unresponsive', now)
  if (lane !== undefined && present !== undefined && silences === run.silences) return lane
  return { label, runs: [...others(lane, run), { ...run, silences }] }
}

/** A server has gone. */
export function withoutServer(
  lane: Lane | undefined,
  server: ClientServer,
  reason: RemovalReason | undefined,
  now: number,
): Lane {
  const run = withServer(lane, server, now).runs.find(({ id, to }) => id === server.id && to === undefined)
  if (run === undefined) return { label: labelOf(server), runs: lane?.runs ?? [] }
  const silences = silencesOf(run.silences, false, now)
  return { label: labelOf(server), runs: [...others(lane, run), { ...run, to: now, reason, silences }] }
}

/** Without the runs that ended too long ago; undefined where there were no others. */
export function withoutOld(lane: Lane, now: number): Lane | undefined {
  const runs = lane.runs.filter(({ to }) => to === undefined || now - to < historyMs)
  if (runs.length === lane.runs.length) return lane
  return runs.length === 0 ? undefined : { ...lane, runs }
}

/** How often a server of this name has ended since a time. */
export function endingsSince({ runs }: Lane, since: number): number {
  return runs.filter(({ to }) => to !== undefined && to >= since).length
}

/** The runs, so arranged that none covers another: those of replicas, which run at the same time, are apart. */
export function tracksOf({ runs }: Lane, now: number): Run[][] {
  const tracks: Run[][] = []
  for (const run of [...runs].sort((a, b) => a.from - b.from)) {
    const free = tracks.find((track) => (track.at(-1)?.to ?? now) <= run.from)
    if (free === undefined) tracks.push([run])
    else free.push(run)
  }
  return tracks
}

function others(lane: Lane | undefined, run: Run): Run[] {
  return (lane?.runs ?? []).filter(({ id, from }) => id !== run.id || from !== run.from)
}

/** A clock that differs, or an entry that does not say, makes it start when it is seen. */
function startOf({ startedAt = '' }: ClientServer, now: number): number {
  const start = Date.parse(startedAt)
  return start <= now ? start : now
}

function silencesOf(before: readonly Silence[], isSilent: boolean, now: number): readonly Silence[] {
  const last = before.at(-1)
  const wasSilent = last !== undefined && last.to === undefined
  if (wasSilent === isSilent) return before
  return isSilent
    ? [...before, { from: now, to: undefined }]
    : [...before.slice(0, -1), { ...last, from: last?.from ?? now, to: now }]
}
