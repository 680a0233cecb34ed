/**
 * What an adapter is told and what it answers. An adapter reads where one kind of program says that it runs, and nothing else: it writes
 * nothing, and leaves out whatever it does not understand.
 */
import type { OnWarning } from '../../core/index.js'

/** A server of some other program, as that program's own records have it. It carries no secret. */
export interface Discovered {
  readonly source: 'jupyter' | 'node-inspector' | 'chrome' | 'storybook' | 'devframe' | 'editor'
  /** What people would call it. */
  readonly name: string
  readonly port: number
  /** Address or name that it says it listens at, if it says so. */
  readonly host?: string
  readonly pid?: number
  /** Without user, password, query and fragment. */
  readonly url?: string
  /** The directory that it works in. */
  readonly where?: string
  /** ISO 8601, in UTC. */
  readonly startedAt?: string
}

/** At which ports to ask, whatever is on record. */
export interface WellKnownPorts {
  readonly inspector: readonly number[]
  readonly chrome: readonly number[]
  readonly storybook: readonly number[]
}

/** The machine, as an adapter sees it. */
export interface Surroundings {
  /** The user's home directory. */
  readonly home: string
  /** Where programs of this user keep what is to be forgotten. */
  readonly temporary: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly ports: WellKnownPorts
  /** The arguments of this user's processes, the command first. */
  readonly commandLines: readonly (readonly string[])[]
  /** Aborted when time is up: what has been found by then is all there is. */
  readonly signal: AbortSignal
  readonly onWarning: OnWarning
}

/** Resolves once `signal` is aborted at the latest, and never rejects. */
export type Adapter = (surroundings: Surroundings) => Promise<Discovered[]>
