/**
 * Who is dead: decisions as functions of what was observed. Observing (signals, `/proc`, sockets) is the
 * registry's part.
 */
import type { Entry } from './entry.js'

/** What the platform says of one pid. A zombie has exited; only its parent has not noticed. */
export interface ProcessFacts {
  readonly running: boolean
  /** Start of the process that has the pid now, in the form of `Entry.processStart`; unknown on some platforms. */
  readonly processStart?: string | undefined
}

/**
 * Whether the process that wrote a managed entry has certainly ended.
 *
 * An entry of another machine or pid namespace is never judged here: its pid names some other process, or none.
 */
export function hasExited(entry: Entry, thisMachine: string, facts: ProcessFacts): boolean {
  if (entry.machine !== undefined && entry.machine !== thisMachine) return false
  if (!facts.running) return true
  if (entry.processStart === undefined || facts.processStart === undefined) return false
  return entry.processStart !== facts.processStart
}

/** What happened when the port of a foreign entry was dialled. */
export type ProbeResult = 'accepted' | 'refused' | 'unknown'

/**
 * Whether a foreign entry may be taken out of the index. Its pid alone proves nothing (it may belong to another
 * namespace), so the port must refuse as well.
 */
export function isForeignEntryDead(facts: ProcessFacts, probe: ProbeResult): boolean {
  return !facts.running && probe === 'refused'
}
