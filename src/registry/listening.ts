/**
 * Whether the process that registered a server is the one that listens at its port.
 */
import { type Entry, isManaged } from '../core/index.js'
import { type Families, type Listener, platform } from './platform/platform.js'
import { hasExitedNow, here, isPidTaken, type NamedProcess } from './process-facts.js'

/** Whether the pid of an entry means a process of this machine and pid namespace. */
export function isOfThisMachine(entry: Entry): boolean {
  if (isManaged(entry)) return entry.machine === undefined || entry.machine === here().machine
  return isPidTaken(entry.pid) // a foreign entry does not say
}

/** Whether the loopback address of a server may be this machine's: it is of this machine's own registry, or runs here. */
export function sharesLoopback(entry: Entry): boolean {
  return entry.source === undefined || isOfThisMachine(entry)
}

/** The machine and pid namespace of this process, in the form of `Entry.machine`. */
export function thisMachine(): string {
  return here().machine
}

/** Whether the process that an entry names, or an owner, runs still; true where nobody can tell, as of another machine's. */
export function isRunning(named: NamedProcess): boolean {
  return !hasExitedNow(named)
}

/**
 * The pid of a process that listens at a TCP port of this machine, at whatever address. Undefined where none does, or where the system does
 * not say: of another user's process, and on Windows.
 */
export function listenerAt(port: number): number | undefined {
  return platform.listenerAt(port)
}

/** Whether a process, or its parent for it, listens at an address and port of this machine; undefined where nobody can tell. */
export function isListeningAt({ pid, host, port }: Listener): boolean | undefined {
  return platform.isListening(pid, host, port)
}

/**
 * Whether it is the registered process that answers at this loopback address and the entry's port. Undefined when nobody
 * can tell: on another machine or in another pid namespace, of another user's process, or on a platform that does not say.
 * A process lives and does not listen when its server was closed and something else has taken the port.
 */
export function isListening(entry: Entry, address: string): boolean | undefined {
  if (!isOfThisMachine(entry)) return undefined
  return hasExitedNow(entry) ? false : platform.isListening(entry.pid, address, entry.port)
}

/**
 * What tells of the processes that a command has brought forth, and where they listen; undefined on Windows, which does not say. Loaded when
 * it is asked for: servers need none of it.
 */
export async function processFamilies(): Promise<Families | undefined> {
  return platform.families?.()
}
