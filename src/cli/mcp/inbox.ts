/**
 * What a server has sent over one connection and nobody has read yet, within a bound. Pure: who fills and empties it is `connection.ts`.
 */

export interface UnreadMessage {
  readonly bytes: Uint8Array
  readonly isBinary: boolean
}

/** A message, or as much of it as there was room for. */
export interface ReadMessage extends UnreadMessage {
  /** Whether the next read goes on with the rest of it. */
  readonly isUnfinished: boolean
}

export interface Inbox {
  /** How many messages wait. */
  readonly size: number
  add(message: UnreadMessage): void
  /** Takes out the oldest, up to a number of messages and bytes; one that is larger than all of it is taken in parts. */
  take(most: { messages: number; bytes: number }): readonly ReadMessage[]
  /** How many have been dropped since this was last asked. */
  takeDropped(): number
}

/** @param maxBytes when it holds more, the oldest messages are dropped; a message that is larger by itself is dropped at once */
export function createInbox(maxBytes: number): Inbox {
  const messages: (UnreadMessage | undefined)[] = []
  /** Where the oldest is: to move all others up for each that goes takes longer than a server takes to send the next. */
  let head = 0
  let held = 0
  let dropped = 0

  const shift = (): void => {
    const oldest = messages[head]
    if (oldest === undefined) return
    held -= roomFor(oldest)
    messages[head] = undefined
    head += 1
    if (2 * head < messages.length) return
    messages.splice(0, head)
    head = 0
  }
  return {
    get size() {
      return messages.length - head
    },
    add(message) {
      if (roomFor(message) > maxBytes) {
        dropped += 1
        return
      }
      messages.push(message)
      held += roomFor(message)
      while (held > maxBytes) {
        shift()
        dropped += 1
      }
    },
    take(most) {
      const taken: ReadMessage[] = []
      let room = most.bytes
      for (
        let next = messages[head];
        next !== undefined && taken.length < most.messages;
        next = messages[head]
      ) {
        if (next.bytes.length <= room) {
          shift()
          taken.push({ ...next, isUnfinished: false })
          room -= next.bytes.length
        } else {
          if (taken.length > 0) break // it is whole in the next one, or has all of that
          const end = next.isBinary ? room : endOfCharacter(next.bytes, room)
          taken.push({ ...next, bytes: next.bytes.subarray(0, end), isUnfinished: true })
          const rest = { ...next, bytes: next.bytes.subarray(end) }
          messages[head] = rest
          held += roomFor(rest) - roomFor(next)
          break
        }
      }
      return taken
    },
    takeDropped() {
      const count = dropped
      dropped = 0
      return count
    },
  }
}

/** What an empty message takes up as well. */
const leastRoomBytes = 64

function roomFor({ bytes }: UnreadMessage): number {
  return Math.max(bytes.length, leastRoomBytes)
}

/** Where a text may be cut, at an offset or just before it, so that no character of it is. */
function endOfCharacter(utf8: Uint8Array, offset: number): number {
  let end = offset
  while (end > 0 && ((utf8[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return end
}
