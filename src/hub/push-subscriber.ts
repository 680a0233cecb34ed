/**
 * One subscriber of the push socket: what it has been told, whether it keeps up, and whether it is still there
 * (`PROTOCOL.md`, "Push").
 */
import type { Revision } from '../registry/index.js'
import { pingFrame } from './push-frames.js'
import { type PushMessages, problemFrame } from './push-messages.js'
import { maxWaitingBytes, type PushSocket, type PushSocketListener } from './push-socket.js'

export interface Subscriber {
  /** Sends what it lacks, as the view has begun anew; to one that lags, once it has taken what waits. */
  catchUp(): void
  /** Sends a change, unless it lags. */
  change(frame: Buffer): void
  /** Tells it of the problem that there is now, or that there is none any more. */
  problem(): void
  /** To be called at every beat: looks whether it is still there, and lets it know that the hub is. */
  beat(): void
  close(): void
}

export interface SubscriberOptions {
  open: (listener: PushSocketListener) => PushSocket
  messages: PushMessages
  /** How far it was in an earlier connection. */
  from: Revision | undefined
  onClosed: () => void
}

/** Beats for which a client may take nothing of what waits for it. */
const maxStalledBeats = 3

/** Opens its socket, and sends what there is. */
export function createSubscriber({ open, messages, from, onClosed }: SubscriberOptions): Subscriber {
  let isLagging = false
  /** Up to where it has been sent everything. */
  let point = from
  let toldProblem: Buffer | undefined
  let isSilent = true
  let owesAnswer = false
  let stalled: { readonly at: number; readonly beats: number } | undefined

  const socket = open({
    onHeard() {
      owesAnswer = false
    },
    onDrain() {
      if (isLagging) bringUpToDate()
    },
    onClosed,
  })
  const send = (frame: Buffer): void => {
    isSilent = false
    socket.send(frame)
  }
  /** Whether it may be sent anything now. */
  const keepsUp = (): boolean => {
    if (socket.waitingBytes > maxWaitingBytes) isLagging = true
    return !isLagging
  }

  const tellProblem = (): void => {
    if (messages.problem === toldProblem) return
    toldProblem = messages.problem
    send(toldProblem ?? noProblemFrame)
  }
  /** What it missed, or the whole list; undefined while there is none. */
  const lacking = (): readonly Buffer[] | undefined => {
    const missed = point && messages.since(point)
    if (missed?.length === 0) return [messages.bookmark()]
    return missed ?? messages.snapshot()
  }
  const bringUpToDate = (): void => {
    const frames = lacking()
    if (frames !== undefined) {
      for (const frame of frames) send(frame)
      point = messages.point
      isLagging = false
    }
    tellProblem()
  }

  /** For how many beats it has taken nothing of what waits for it; undefined while nothing does. */
  const stalledBeats = (): number | undefined => {
    const at = socket.takenBytes
    if (socket.waitingBytes === 0) stalled = undefined
    else stalled = { at, beats: stalled?.at === at ? stalled.beats + 1 : 0 }
    return stalled?.beats
  }
  const beat = (): void => {
    const beats = stalledBeats()
    if (beats !== undefined) {
      owesAnswer = false // a ping would stand behind what waits
      if (beats === maxStalledBeats) socket.close(1013)
    } else if (owesAnswer) {
      socket.cut()
    } else {
      owesAnswer = true
      socket.send(pingFrame)
      if (isSilent && !isLagging) socket.send(messages.bookmark())
      isSilent = true
    }
  }

  bringUpToDate()
  return {
    catchUp() {
      if (keepsUp()) bringUpToDate()
    },
    change(frame) {
      if (!keepsUp()) return
      send(frame)
      point = messages.point
    },
    problem() {
      if (keepsUp()) tellProblem()
    },
    beat,
    close: () => socket.close(1001),
  }
}

const noProblemFrame = problemFrame(undefined)
