/**
 * What a hub does about what it sees of a registry on disk: a function of what was seen and of the time. Seeing and doing
 * is `view.ts`'s part.
 */
import type { DirectoryIdentity } from './safe-read.js'

/** What was seen, or has come of what was done. */
export type Seen =
  /** Nothing, but time has passed. */
  | { readonly what: 'time' }
  /**
   * Something has changed in the directory of the entries: the file of this id (a temporary has none), or the system did
   * not say what. `directory`: the one that has the name now.
   */
  | {
      readonly what: 'entries'
      readonly id: string | undefined
      readonly isNamed: boolean
      readonly directory: Directory
    }
  /** The same for the directory above it. */
  | {
      readonly what: 'home'
      readonly isIndex: boolean
      readonly isNamed: boolean
      readonly directory: Directory
    }
  /** All is about to be read. `isNew`: the directory of the entries was missing and has just been made. */
  | { readonly what: 'directory'; readonly directory: Directory; readonly isNew: boolean }
  /** `torn`: it is being written; `lost`: it is missing, broken or cannot be read. */
  | { readonly what: 'index'; readonly is: 'whole' | 'torn' | 'lost' }
  /** Something was read. `mark`: how the disk looked before, if all of it was. */
  | { readonly what: 'read'; readonly mark?: string }
  /** What there was to read, or to write, could not be. */
  | { readonly what: 'failure' }
  /** The disk as its time stamps show it, and whether both directories are being watched. */
  | { readonly what: 'disk'; readonly mark: string; readonly isSettled: boolean; readonly isWatched: boolean }
  /** A text that is another one if any process has begun or exited; undefined where nothing tells. */
  | { readonly what: 'processes'; readonly turnover: string | undefined }
  /** Servers were found whose processes have exited. */
  | { readonly what: 'exits' }
  /** The index has been brought in step, or has to be tried again. */
  | { readonly what: 'repair'; readonly isDone: boolean }

type Directory = DirectoryIdentity | undefined

/** What to do now, in this order. */
export type Deed =
  | 'read all'
  | 'read index'
  | 'restore entries'
  | 'remove the exited'
  | 'publish'
  | 'repair index'
  | 'look at disk'
  | 'look at processes'
  | 'ask pids'
  | 'dial foreign ports'
  | 'tidy'
  | { readonly read: string }
  | { readonly check: string }

/** What is done at a time of its own. */
type Appointment = 'read all' | 'read index' | 'repair index' | 'look at disk' | 'look at processes'

export interface ViewState {
  /** When what is due next, on the monotonic clock, milliseconds. */
  readonly due: ReadonlyMap<Appointment, number>
  /** The directory of the entries as it was last read: another one in its place holds nothing that was known. */
  readonly directory: Directory | 'unread'
  /** How the disk looked when all of it was last read; undefined when it has to be read again. */
  readonly mark: string | undefined
  /** Whether the index has been seen missing or broken: what it lacks then has not left. */
  readonly isIndexLost: boolean
  /** The computer's processes when the pids were last asked: while they are the same, none of the servers has exited. */
  readonly turnover: string | undefined
  /** How often the disk has been looked at. */
  readonly looks: number
}

/** How often to look whether a server has exited. All pids are asked, if any process of this computer has come or gone. */
const pidsMs = 100

/** How often the disk is looked at whether or not `fs.watch` spoke, for file systems on which it is silent. */
const diskMs = 1000

const everyMsOf: Partial<Record<Appointment, number>> = {
  'look at processes': pidsMs,
  'look at disk': diskMs,
}

/** Every so many looks dial the ports of foreign entries, and look for left-overs. */
const thoroughEvery = 2

/** Several writes of the index within this time are read as one; so soon is one read again that was half-written. */
const indexMs = 10

/** How long a server that has just written its own file is given to write the index itself. */
const repairMs = 50

/** How long to wait before everything is read again, for whoever is removing a directory to be done. */
const everythingMs = 20

export function firstState(now: number): ViewState {
  return {
    due: new Map([
      ['look at processes', now + pidsMs],
      ['look at disk', now + diskMs],
    ]),
    directory: 'unread',
    mark: undefined,
    isIndexLost: false,
    turnover: undefined,
    looks: 0,
  }
}

/** When there is something to do next if nothing is seen before. */
export function nextTime({ due }: ViewState): number {
  return Math.min(...due.values())
}

/** @param now on the monotonic clock, milliseconds */
export function step(state: ViewState, seen: Seen, now: number): readonly [ViewState, readonly Deed[]] {
  switch (seen.what) {
    case 'time':
      return whatIsDue(state, now)
    case 'entries':
      if (!seen.isNamed || !isSameDirectory(seen.directory, state.directory))
        return [soon(state, 'read all', now + everythingMs), []]
      return [state, seen.id === undefined ? [] : [{ read: seen.id }, { check: seen.id }]]
    case 'home':
      if (seen.isIndex) return [soon(state, 'read index', now + indexMs), []]
      if (seen.isNamed && isSameDirectory(seen.directory, state.directory)) return [state, []]
      return [soon(state, 'read all', now + everythingMs), []]
    case 'directory': {
      const before = state.directory
      if (before === 'unread' && !seen.isNew) return [{ ...state, directory: seen.directory }, []]
      if (isSameDirectory(seen.directory, before) && !seen.isNew)
        return [{ ...state, directory: seen.directory?.madeAt === undefined ? before : seen.directory }, []]
      // It went, and nobody has deregistered.
      return [{ ...state, directory: seen.directory, isIndexLost: true }, ['restore entries']]
    }
    case 'index':
      if (seen.is === 'torn') return [soon(state, 'read index', now + indexMs), []]
      return [seen.is === 'lost' ? { ...state, isIndexLost: true } : state, []] // until a repair has put back what was known
    case 'read':
      return [
        soon({ ...state, mark: seen.mark ?? state.mark }, 'repair index', now + repairMs),
        ['remove the exited', 'publish'],
      ]
    case 'failure':
      return [{ ...state, mark: undefined }, []] // the next look at the disk tries again
    case 'disk': {
      const looks = state.looks + 1
      const isAsRead = seen.isWatched && seen.isSettled && seen.mark === state.mark
      const thorough: readonly Deed[] = looks % thoroughEvery === 0 ? ['dial foreign ports', 'tidy'] : []
      return [{ ...state, looks }, [...(isAsRead ? [] : (['read all'] as const)), ...thorough]]
    }
    case 'processes': {
      const isSame = seen.turnover !== undefined && seen.turnover === state.turnover
      return [{ ...state, turnover: seen.turnover }, isSame ? [] : ['ask pids']]
    }
    case 'exits':
      return [soon(state, 'repair index', now + repairMs), ['remove the exited', 'publish']]
    case 'repair':
      if (seen.isDone) return [{ ...state, isIndexLost: false }, []]
      return [soon(state, 'repair index', now + repairMs), []]
  }
}

function isSameDirectory(a: Directory, b: ViewState['directory']): boolean {
  if (b === 'unread') return false
  if (a?.inode !== b?.inode) return false
  return a?.madeAt === undefined || b?.madeAt === undefined || a.madeAt === b.madeAt
}

/** Makes an appointment, unless there is one for this already. */
function soon(state: ViewState, what: Appointment, at: number): ViewState {
  return state.due.has(what) ? state : { ...state, due: new Map(state.due).set(what, at) }
}

function whatIsDue(state: ViewState, now: number): readonly [ViewState, readonly Deed[]] {
  const due = new Map(state.due)
  const deeds: Appointment[] = []
  for (const [what, at] of state.due) {
    if (at > now) continue
    deeds.push(what)
    const everyMs = everyMsOf[what]
    if (everyMs === undefined) due.delete(what)
    else due.set(what, at + everyMs > now ? at + everyMs : now + everyMs) // without adding up the delays
  }
  return [{ ...state, due }, deeds]
}
