/**
 * What a check of `wsyard doctor` is, and what it finds. What is checked is in `checks/`, one cause or one family of causes a file.
 */
import type { Surroundings } from './surroundings.js'

/** Something that is not as it should be, or that somebody should know. */
export interface Found {
  /** `problem`: something does not work, or is open to others. `note`: all is as somebody may have meant it. */
  readonly level: 'problem' | 'note'
  /** The cause, in one sentence with the value. */
  readonly what: string
  /** What to type or to change. */
  readonly cure: string
  /** The file or directory concerned, absolute. */
  readonly where?: string
  /** Applies the cure, where that is safe. Resolves to what it did, in one sentence. */
  readonly repair?: () => Promise<string>
}

export interface Check {
  readonly name: string
  /** What is so where it finds nothing, in one sentence. */
  readonly well: string
  /** Whether it looks at the servers, and so has nothing to look at where the registry cannot be read. */
  readonly needsEntries?: boolean
  /** Looks, and changes nothing. Resolves to undefined when there is nothing to look at. */
  look(surroundings: Surroundings): Promise<readonly Found[] | undefined>
}
