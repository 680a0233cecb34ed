/** Which events there are, in which order, of which class, and what stands in them. */
import { type Case, closed, logged, next, opened, received } from '../observe.js'

function described(event: Event): Record<string, unknown> {
  const { type, bubbles, cancelable, composed, defaultPrevented } = event
  return { class: event.constructor.name, type, bubbles, cancelable, composed, defaultPrevented }
}

const plain = { bubbles: false, cancelable: false, composed: false, defaultPrevented: false }

export const events: readonly Case[] = [
  {
    title: 'open, message and close come in this order, each in its state',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log = logged(socket)
      await opened(socket)
      socket.send('a')
      await received(socket, 1)
      await closed(socket)
      return log
    },
    expected: ['open 1', 'message 1', 'close 3'],
  },
  {
    title: 'close() makes it CLOSING until the close event',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      const end = next(socket, 'close')
      socket.close()
      const states = [socket.readyState]
      await Promise.resolve()
      states.push(socket.readyState)
      await end
      return [...states, socket.readyState]
    },
    expected: [2, 2, 3],
  },
  {
    title: 'the open event is a plain Event',
    run: async ({ WebSocket, at }) => described(await next(new WebSocket(at('/echo')), 'open')),
    expected: { class: 'Event', type: 'open', ...plain },
  },
  {
    title: 'the error event is a plain Event, which says nothing',
    run: async ({ WebSocket, at }) => described(await next(new WebSocket(at('/refuse/403')), 'error')),
    expected: { class: 'Event', type: 'error', ...plain },
  },
  {
    title: 'the message event is a MessageEvent',
    run: async ({ WebSocket, at }) => described(await next(new WebSocket(at('/now/text')), 'message')),
    expected: { class: 'MessageEvent', type: 'message', ...plain },
  },
  {
    title: 'the close event is a CloseEvent',
    run: async ({ WebSocket, at }) => described(await next(new WebSocket(at('/now/close')), 'close')),
    expected: { class: 'CloseEvent', type: 'close', ...plain },
  },
  {
    title: 'a message event has data, and the origin of the server',
    async run({ WebSocket, at, named }) {
      const { data, origin } = await next(new WebSocket(at('/now/text')), 'message')
      return { data, origin: named(origin) }
    },
    expected: { data: 'text', origin: 'ws://server' },
  },
  {
    title: 'a message event has no id, source or ports',
    async run({ WebSocket, at }) {
      const { lastEventId, source, ports } = await next(new WebSocket(at('/now/text')), 'message')
      return { lastEventId, source, ports, isFrozen: Object.isFrozen(ports) }
    },
    expected: { lastEventId: '', source: null, ports: [], isFrozen: true },
  },
  {
    title: 'every event has the socket for its target',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/send-and-close'))
      const targets: unknown[] = []
      for (const type of ['open', 'message', 'close'])
        socket.addEventListener(type, (event) => {
          const { target, currentTarget, srcElement, eventPhase } = event
          const isSocket = [target, currentTarget, srcElement, ...event.composedPath()].every(
            (one) => one === socket,
          )
          targets.push([type, isSocket, eventPhase])
        })
      await next(socket, 'close')
      return targets
    },
    expected: [
      ['open', true, 2],
      ['message', true, 2],
      ['message', true, 2],
      ['message', true, 2],
      ['close', true, 2],
    ],
  },
  {
    title: 'events are trusted, as those of the browser itself',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/send-and-close'))
      const trusted: boolean[] = []
      for (const type of ['open', 'message', 'close'])
        socket.addEventListener(type, ({ isTrusted }) => trusted.push(isTrusted))
      await next(socket, 'close')
      return trusted
    },
    expected: [true, true, true, true, true],
  },
  {
    title: 'each event has a time after that of the one before',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/send-and-close'))
      const times: number[] = []
      for (const type of ['open', 'message', 'close'])
        socket.addEventListener(type, ({ timeStamp }) => times.push(timeStamp))
      await next(socket, 'close')
      return [
        times.length,
        times.every((time, position) => position === 0 || time >= (times[position - 1] ?? 0)),
      ]
    },
    expected: [5, true],
  },
  {
    title: 'each message is an event of its own, in a task of its own',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/send-and-close')))
      const log: string[] = []
      socket.onmessage = ({ data }) => {
        log.push(data)
        queueMicrotask(() => log.push(`after ${data}`))
      }
      socket.send('')
      await next(socket, 'close')
      return log
    },
    expected: ['one', 'after one', 'two', 'after two', 'three', 'after three'],
  },
  {
    title: 'what the server sends at once comes after open',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/send-and-close'))
      const log = logged(socket)
      await next(socket, 'close')
      return log
    },
    expected: ['open 1', 'message 1', 'message 1', 'message 1', 'close 3'],
  },
  {
    title: 'a ping of the server is answered, and no event',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/ping'))
      const log = logged(socket)
      return [await received(socket, 1), log]
    },
    expected: [['pong hello'], ['open 1', 'message 1']],
  },
  {
    title: 'an event that a page dispatches is heard, and changes nothing',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      const log = logged(socket)
      socket.onclose = ({ type }) => log.push(`handler of ${type}`)
      socket.dispatchEvent(new Event('close'))
      socket.dispatchEvent(new CloseEvent('close', { code: 1000 }))
      socket.onclose = null
      socket.send('a')
      await received(socket, 1)
      return log
    },
    expected: ['close 1', 'handler of close', 'close 1', 'handler of close', 'message 1'],
  },
]
