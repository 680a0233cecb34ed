/**
 * Sends messages one after the other, as fast as they are taken, over whichever socket there is: one that cannot be sent waits for the next.
 */
import type { WebSocket } from 'ws'
import type { Message } from './notation.js'

export interface Outbox {
  /** Resolves when all has been handed over; rejects when the messages cannot be read. */
  readonly sent: Promise<void>
  /** Whether a message waits for a socket. */
  readonly isHeldUp: boolean
  /** The same once all has been taken up that has been read by now. */
  isHeldUpSoon(): Promise<boolean>
  /** Goes on over this open socket, and stops when that closes. */
  use(socket: WebSocket): void
}

interface Place {
  readonly socket: WebSocket
  readonly closed: Promise<unknown>
}

/** After so many messages everything else has its turn: an input that never ends would not let a signal through. */
const messagesPerTurn = 256

export function createOutbox(messages: AsyncIterable<Message> | Iterable<Message>): Outbox {
  let place: Place | undefined
  let onPlace = (): void => {}
  let isHeldUp = false

  const nextPlace = async (): Promise<Place> => {
    while (place === undefined) {
      isHeldUp = true
      await new Promise<void>((resolve) => {
        onPlace = resolve
      })
    }
    isHeldUp = false
    return place
  }
  const send = async (message: Message): Promise<void> => {
    for (;;) {
      const { socket, closed } = await nextPlace()
      const failure = await new Promise((resolve) => socket.send(message, resolve))
      if (!failure) return
      isHeldUp = true
      await closed
    }
  }
  const sendAll = async (): Promise<void> => {
    let taken = 0
    for await (const message of messages) {
      await send(message)
      taken += 1
      if (taken % messagesPerTurn === 0) await everythingElse()
    }
  }
  return {
    sent: sendAll(),
    get isHeldUp() {
      return isHeldUp
    },
    async isHeldUpSoon() {
      await everythingElse()
      return isHeldUp
    },
    use(socket) {
      const closed = new Promise<void>((resolve) => {
        socket.once('close', () => {
          if (place?.socket === socket) place = undefined
          resolve()
        })
      })
      place = { socket, closed }
      onPlace()
    },
  }
}

function everythingElse(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
