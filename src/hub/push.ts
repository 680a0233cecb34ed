/**
 * The push socket (`PROTOCOL.md`, "Push"): everyone who follows the registry through this hub. Nothing is encoded for
 * one subscriber alone.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { plainProtocol, protocolsOf, type Refusal, refusedHandshake } from '../core/index.js'
import type { Revision, WatchEvent } from '../registry/index.js'
import { refuseUpgrade } from './answers.js'
import { createPushMessages, problemFrame } from './push-messages.js'
import { openPushSocket } from './push-socket.js'
import { createSubscriber, type Subscriber } from './push-subscriber.js'
import type { RegistryRoute } from './route.js'
import { closing } from './snapshot.js'
import type { HubView } from './view.js'

export interface Push {
  /** Takes an upgrade that is welcome: answers it, or refuses it for what it is. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, route: RegistryRoute): void
  /** Closes every subscriber with 1001. */
  close(): void
}

export interface PushOptions {
  maxSubscribers: number
  /**
   * Calls back at every beat, until its undo is called.
   * @default every ten seconds
   */
  onBeat?: (beat: () => void) => () => void
}

const beatMs = 10_000

export function createPush(view: HubView, options: PushOptions): Push {
  const { maxSubscribers, onBeat = everyTenSeconds } = options
  const messages = createPushMessages(view)
  const subscribers = new Set<Subscriber>()
  let closed = false

  const onEvent = (event: WatchEvent): void => {
    if (event.type === 'change') {
      const frame = messages.change(event)
      for (const subscriber of subscribers) subscriber.change(frame)
    } else {
      messages.beginAnew()
      for (const subscriber of subscribers) subscriber.catchUp()
    }
  }
  const onProblem = (problem: Error | undefined): void => {
    messages.problem = problem && problemFrame(problem)
    for (const subscriber of subscribers) subscriber.problem()
  }
  onProblem(view.problem)
  const unfollow = view.follow({ onEvent, onProblem })
  const stopBeats = onBeat(() => {
    for (const subscriber of subscribers) subscriber.beat()
  })

  const refusalFor = ({ method, headers }: IncomingMessage): Refusal | undefined => {
    if (closed) return closing
    const refusal = refusedHandshake(method, headers) ?? refusedProtocols(protocolsOf(headers))
    return refusal ?? (subscribers.size < maxSubscribers ? undefined : full(maxSubscribers))
  }
  return {
    accept(request, socket, head, { query }) {
      const refusal = refusalFor(request)
      if (refusal !== undefined) return refuseUpgrade(socket, refusal)
      if (socket.destroyed) return // nothing would tell that it closes
      const subscriber = createSubscriber({
        open: (listener) => openPushSocket(request, socket, head, listener),
        messages,
        from: revisionIn(query),
        onClosed: () => subscribers.delete(subscriber),
      })
      subscribers.add(subscriber)
    },
    close() {
      closed = true
      unfollow()
      stopBeats()
      for (const subscriber of subscribers) subscriber.close()
    },
  }
}

function everyTenSeconds(beat: () => void): () => void {
  const timer = setInterval(beat, beatMs).unref() // who wants the hub to live on has a server for it
  return () => clearInterval(timer)
}

function full(maxSubscribers: number): Refusal {
  const message = `${maxSubscribers} subscribers follow this hub, and it takes no more: close some pages, or raise its option maxSubscribers.`
  return { code: 'HUB_FULL', message }
}

function refusedProtocols(offered: readonly string[]): Refusal | undefined {
  if (offered.includes(plainProtocol)) return undefined
  const message = `The push socket speaks the subprotocol ${plainProtocol} alone, and it was not offered: new WebSocket(url, '${plainProtocol}').`
  return { code: 'BAD_REQUEST', message }
}

/** Where a client wants to go on, if it has written that. */
function revisionIn(query: string): Revision | undefined {
  const fields = new URLSearchParams(query)
  const [epoch, revision] = [fields.get('epoch'), fields.get('revision')]
  if (epoch === null || revision === null || !/^\d{1,15}$/.test(revision)) return undefined
  return { epoch, revision: Number(revision) }
}
