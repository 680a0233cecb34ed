/**
 * Who has exited: decisions as functions of what was observed. Observing (signals, `/proc`, sockets) is the
 * registry's part.
 */
import type { Entry } from '../core/index.js'

/** What the platform says of one pid. A zombie has exited; only its parent has not noticed. */
export interface ProcessFacts {
  readonly running: boolean
  /** Stopped by SIGSTOP or a debugger: alive, and answering nobody. */
  readonly stopped?: boolean
  /** Start of the process that has the pid now, in the form of `Entry.processStart`; unknown on some platforms. */
  readonly processStart?: string | undefined
}

/** Where the judge of an entry lives. */
export interface Here {
  /** Host and pid namespace in the form of `Entry.machine`: `<host>.<namespace>`. */
  readonly machine: string
  /** This run of the system, the first part of every `Entry.processStart` of it; unknown on some platforms. */
  readonly boot: string | undefined
  /** The network namespace; unknown on some platforms. */
  readonly network?: string | undefined
}

/**
 * Whether the process that wrote a managed entry has certainly exited.
 *
 * An entry of another machine or pid namespace is not judged by its pid, which names some other process there, or
 * none; all that is certain is that no process of this host outlives the host's next boot.
 *
 * @param facts asks for what is known of the entry's pid, if that matters.
 */
export function hasExited(
  entry: Pick<Entry, 'machine' | 'processStart'>,
  here: Here,
  facts: () => ProcessFacts,
): boolean {
  const { machine = here.machine, processStart } = entry
  const boot = bootOf(processStart)
  const isEarlierBoot = boot !== undefined && here.boot !== undefined && boot !== here.boot
  if (machine !== here.machine) return hostOf(machine) === hostOf(here.machine) && isEarlierBoot
  const now = facts()
  if (!now.running) return true
  return processStart !== undefined && now.processStart !== undefined && processStart !== now.processStart
}

function hostOf(machine: string): string | undefined {
  return machine.split('.')[0]
}

function bootOf(processStart: string | undefined): string | undefined {
  const end = processStart?.indexOf(':') ?? -1
  return end === -1 ? undefined : processStart?.slice(0, end)
}

/** What happened when the port of a foreign entry was dialled. */
export type ProbeResult = 'accepted' | 'refused' | 'unknown'

/**
 * Whether a foreign entry may be taken out of the index. Its pid alone proves nothing (it may belong to another
 * namespace), so the port must refuse as well.
 */
export function hasForeignExited(facts: ProcessFacts, probe: ProbeResult): boolean {
  return !facts.running && probe === 'refused'
}
