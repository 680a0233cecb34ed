/**
 * What subscribers are sent, framed: each change once, when it happens; the snapshot of a revision and its bookmark once, when
 * somebody needs them; and the latest changes, for those that come back.
 */
import {
  asWsyardError,
  type ChangeEvent,
  defined,
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
  /** Where the view is; undefined before it was first read. */
  readonly point: Revision | undefined
  /** The whole list at the view's revision, in parts if it is large; undefined before it has one. */
  snapshot(): readonly Buffer[] | undefined
  /** That there is nothing new at the view's revision. */
  bookmark(): Buffer
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
  let snapshot: readonly Buffer[] | undefined
  let bookmark: Buffer | undefined

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
    get point() {
      return view.revision
    },
    change(event) {
      const frame = frameOf(toPushChange(event))
      remember({ frame, size: event.changes.length })
      snapshot = undefined
      bookmark = undefined
      return frame
    },
    beginAnew() {
      history = []
      size = 0
      bytes = 0
      snapshot = undefined
      bookmark = undefined
    },
    snapshot() {
      if (view.revision === undefined) return undefined
      snapshot ??= snapshotFrames(view)
      return snapshot
    },
    bookmark() {
      bookmark ??= frameOf({ type: 'bookmark', ...view.revision })
      return bookmark
    },
    since({ epoch, revision }) {
      if (view.revision?.epoch !== epoch) return undefined
      const missed = view.revision.revision - revision
      if (missed < 0 || missed > history.length) return undefined
      return history.slice(history.length - missed).map(({ frame }) => frame)
    },
  }
}

export function problemFrame(problem: Error | undefined): Buffer {
  if (problem === undefined) return frameOf({ type: 'problem', error: null })
  const { code, message, source } = asWsyardError(problem)
  return frameOf({ type: 'problem', error: { code, message, ...defined({ source }) } })
}

/** How much of the list one message may hold; libraries for WebSockets take a mebibyte by default, or more. */
const maxPartBytes = 256 * 1024

/** The list in as few messages as that allows, the last of which is the snapshot itself. */
function snapshotFrames({ entries: all, revision: point, scope }: HubView): Buffer[] {
  const frames: Buffer[] = []
  let entries: string[] = []
  let bytes = 0
  const end = (type: 'part' | 'snapshot'): void => {
    const head = JSON.stringify({ type, ...point, ...(type === 'snapshot' && { scope }) }).slice(0, -1)
    frames.push(textFrame(`${head},"entries":[${entries.join(',')}]}`))
    entries = []
    bytes = 0
  }
  for (const server of toSnapshot(all.values()).servers) {
    const entry = JSON.stringify(server)
    const size = Buffer.byteLength(entry)
    if (entries.length > 0 && bytes + size > maxPartBytes) end('part')
    entries.push(entry)
    bytes += size
  }
  end('snapshot')
  return frames
}

function frameOf(message: PushMessage): Buffer {
  return textFrame(JSON.stringify(message))
}
