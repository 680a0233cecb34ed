/**
 * How a conversation has ended: as it should, or not. Pure.
 */
import { type Entry, WsyardError } from '../../core/index.js'
import { describeServer } from '../text/describe-server.js'
import { type Closing, isFine } from './converse.js'
import type { Goal } from './goal.js'

/** Why this side ends it. */
export interface Ending {
  readonly isFine: boolean
  /** Whether what the server still sends is waited for. */
  readonly isPatient?: boolean
  /** To go on after "the connection". */
  readonly why?: string
}

export interface Outcome {
  server: Entry
  /** Why this side ended it, if it did. */
  ending: Ending | undefined
  /** How the last connection ended. */
  closing: Closing
  /** Whether it ended while there was none. */
  isLost: boolean
  /** Whether messages were left over. */
  isUnsent: boolean
  goal: Goal
  silenceHint: string
}

/**
 * What there is to say of the end.
 *
 * @throws {WsyardError} `WSYARD_ERR_CONNECTION_ENDED` when it ended before all was done, or otherwise than it should.
 */
export function conclude({ server, ending, closing, isLost, isUnsent, goal, silenceHint }: Outcome): string {
  const isAtEnd = ending?.isPatient === true // of the messages, and nothing more was waited for
  const isComplete = (isFine(closing) && !isUnsent) || (isLost && isAtEnd)
  const isGood =
    ending !== undefined && !isAtEnd ? ending.isFine : isComplete && !(goal.isSet && !goal.isReached)
  if (isGood) {
    if (!isLost && !closing.isOurs) return `The connection ${closing.how}.`
    return `Closed.${isAtEnd && goal.received === 0 ? silenceHint : ''}`
  }
  const unsent = isUnsent ? ' before all was sent' : ''
  const gone = isLost
    ? ', and the server has left without a name by which another run of it could be found'
    : ''
  const why = ending?.why ?? `${closing.how}${unsent}${gone}`
  const message = `The connection to ${describeServer(server)} ${why}${goal.describeMissing()}.`
  throw new WsyardError('WSYARD_ERR_CONNECTION_ENDED', message, { id: server.id })
}
