/**
 * What subscribers are sent, framed: each change once, when it happens; the snapshot of a revision once, when somebody
 * needs it; and the latest changes, for those that come back.
 */
import {
  asWsyardError,
  type ChangeEvent,
  type PushMessage,
  type Revision,
  toPushChange,
  toSnapshot,
} from '../core/index.js'
import { textFrame } from './push-frames.js'
import { maxWaitingBytes } from './push-socket.js'
import type { HubView } from './view.js'

export interface PushMessages {
  /** Takes in a change of the view, and returns its frame. */
  change(event: ChangeEvent): Buffer
  /** Forgets all changes, as the view begins anew. */
  beginAnew(): void
  /** Why the registry cannot be read at the moment, if it cannot. */
  problem: Buffer | undefined
  /** The whole list at the view's revision; undefined before it has one. */
  snapshot(): Buffer | undefined
  /** What came after a revision; undefined when that is unknown, forgotten, or yet to come. */
  since(from: Revision): readonly Buffer[] | undefined
}

/** How many changes of servers are remembered; and never more than may wait for one subscriber. */
const maxRemembered = 4096

interface Remembered {
  readonly frame: Buffer
  readonly size: number
}

export function createPushMessages(view: HubView): PushMessages {
  /** Without a gap up to the view's revision. */
  let history: Remembered[] = []
  let [size, bytes] = [0, 0]
  let snapshot: Buffer | undefined

  const remember = (remembered: Remembered): void => {
    history.push(remembered)
    size += remembered.size
    bytes += remembered.frame.length
    while (size > maxRemembered || bytes > maxWaitingBytes) {
      const oldest = history.shift()
      size -= oldest?.size ?? 0
      bytes -= oldest?.frame.length ?? 0
    }
  }

  return {
    problem: undefined,
    change(event) {
      const frame = frameOf(toPushChange(event))
      remember({ frame, size: event.changes.length })
      snapshot = undefined
      return frame
    },
    beginAnew() {
      history = []
      size = 0
      bytes = 0
      snapshot = undefined
    },
    snapshot() {
      if (view.revision === undefined) return undefined
      if (snapshot === undefined) {
        const { servers } = toSnapshot(view.entries.values())
        snapshot = frameOf({ type: 'snapshot', ...view.revision, entries: servers })
      }
      return snapshot
    },
    since({ epoch, revision }) {
      if (view.revision?.epoch !== epoch) return undefined
      const missed = view.revision.revision - revision
      if (missed < 0 || missed > history.length) return undefined
      return history.slice(history.length - missed).map(({ frame }) => frame)
    },
  }
}

export const beatFrame: Buffer = frameOf({ type: 'beat' })

export function problemFrame(problem: Error | undefined): Buffer {
  const error = problem === undefined ? null : asWsyardError(problem)
  return frameOf({ type: 'problem', error: error && { code: error.code, message: error.message } })
}

function frameOf(message: PushMessage): Buffer {
  return textFrame(JSON.stringify(message))
}
