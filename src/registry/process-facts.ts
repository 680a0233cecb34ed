/**
 * What can be known of processes from here: which machine and pid namespace this is, whether a pid runs, and since
 * when; and whether the process of an entry has exited.
 */
import { createHash } from 'node:crypto'
import { defined, type Entry } from '../core/index.js'
import { type Here, hasExited, type ProcessFacts } from './liveness-rules.js'
import { platform } from './platform/platform.js'

let known: Here | undefined

/** Where this process lives: what entries are compared with. */
export function here(): Here {
  known ??= {
    machine: `${digest(platform.hostId())}.${digest(platform.pidSpace())}`,
    boot: platform.bootId(),
    network: platform.networkSpace?.(),
  }
  return known
}

/** Whether a process has this pid now: one signal 0. EPERM means that it lives and is another user's. */
export function isPidTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** All that can be known of a pid. Costs a read of `/proc` on Linux; `isPidTaken` is the cheap question. */
export function processFacts(pid: number): ProcessFacts {
  if (!isPidTaken(pid)) return { running: false }
  const found = platform.inspect(pid)
  if (found === undefined) return { running: true }
  const { boot } = here()
  return {
    running: !found.isZombie,
    stopped: found.isStopped,
    processStart: boot === undefined ? found.start : `${boot}:${found.start}`,
  }
}

let started: string | undefined

/** When this process started, in the form of `Entry.processStart`; undefined where the platform does not say. */
export function ownStart(): string | undefined {
  started ??= processFacts(process.pid).processStart
  return started
}

/** The same of another process; undefined also where there is none. */
export function startOf(pid: number): string | undefined {
  return processFacts(pid).processStart
}

/** The working directory of a process of this machine; undefined where there is none, or the platform does not say. */
export function directoryOf(pid: number): string | undefined {
  return platform.directoryOf?.(pid)
}

/** Another text whenever a process of this computer has begun or exited since; undefined where nothing tells. */
export function turnover(): string | undefined {
  return platform.turnover()
}

/** What tells one process from all others, as an entry names its own. */
export type NamedProcess = Pick<Entry, 'pid' | 'processStart' | 'machine'>

/** Whether the process of an entry has certainly exited; never so for one of another machine or namespace. */
export function hasExitedNow(entry: NamedProcess): boolean {
  return hasExited(entry, here(), () => processFacts(entry.pid))
}

/** Whether the owner that an entry names has certainly exited; never so for one of another machine or namespace. */
export function hasLostOwner({ owner, machine }: Entry): boolean {
  if (owner === undefined) return false
  return hasExitedNow({ ...owner, ...defined({ machine }) })
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
