/**
 * What all checks look at: the registry, as it is and as nobody has tidied it up, and who listens on this machine. Read once for a look.
 */

import { asWsyardError, type Entry, type WsyardError } from '../../core/index.js'
import { type Listener, openRegistry, processFamilies, type RemovedEntry } from '../../registry/index.js'
import type { HubAddress } from '../arguments.js'

export interface NamedHub extends HubAddress {
  /** Whether somebody has named it, and so expects it to be there. */
  readonly isGiven: boolean
}

export interface Questions {
  /** The registry's directory. */
  readonly home: string
  /** Where it is when no environment variable says otherwise; undefined for a user without a home directory. */
  readonly defaultHome: string | undefined
  readonly hub: NamedHub
  /** The origin of a page that is to get through. */
  readonly origin?: string | undefined
}

export interface Surroundings extends Questions {
  /** Whether the registry could be read; if not, `warnings` has why. */
  readonly isRead: boolean
  /** The servers that run. */
  readonly entries: readonly Entry[]
  /** Managed entries whose processes have exited, and which nobody has cleared away. */
  readonly exited: readonly Entry[]
  /** What the registry said as it was read. */
  readonly warnings: readonly WsyardError[]
  /** Where processes of this user listen; undefined where the system does not say. */
  readonly sockets: readonly Listener[] | undefined
}

/** Looks around. Changes nothing, and never rejects for what it finds. */
export async function lookAround(questions: Questions): Promise<Surroundings> {
  const { home } = questions
  const warnings: WsyardError[] = []
  await using registry = openRegistry({ home, onWarning: (warning) => warnings.push(warning) })
  let isRead = true
  let entries: readonly Entry[] = []
  let removed: readonly RemovedEntry[] = []
  try {
    entries = await registry.list()
    removed = await registry.removed()
  } catch (error) {
    warnings.push(asWsyardError(error))
    isRead = false
  }
  const exited = removed.filter(({ removedAt }) => removedAt === undefined).map(({ entry }) => entry)
  return {
    ...questions,
    isRead,
    entries,
    exited,
    warnings,
    sockets: (await processFamilies())?.ownListeners?.(),
  }
}
