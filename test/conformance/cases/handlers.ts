/** The event handler attributes, `onopen` and the others. */
import { type Case, next, opened, received } from '../observe.js'

const attributes = ['onopen', 'onmessage', 'onerror', 'onclose'] as const

export const handlers: readonly Case[] = [
  {
    title: 'an attribute has the function that it was set to',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const handler = (): void => {}
      return attributes.map((name) => {
        socket[name] = handler
        const isSet = socket[name] === handler
        socket[name] = null
        return [isSet, socket[name]]
      })
    },
    expected: Array(4).fill([true, null]),
  },
  {
    title: 'what is no object becomes null',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      return [7, 'handler', true, undefined, Symbol('a')].map((value) => {
        socket.onopen = () => {}
        socket.onopen = value as never
        return socket.onopen
      })
    },
    expected: [null, null, null, null, null],
  },
  {
    title: 'an object that is no function stays, and is not called',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const calls: string[] = []
      const handler = { handleEvent: () => calls.push('handleEvent') }
      socket.onopen = handler as never
      const isSet = (socket.onopen as unknown) === handler
      await opened(socket)
      return [isSet, calls]
    },
    expected: [true, []],
  },
  {
    title: 'a handler is called with the event, on the socket',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/close'))
      const calls: unknown[] = []
      socket.onopen = function (this: unknown, ...given: unknown[]) {
        calls.push([this === socket, given.length, (given[0] as Event).type])
      }
      socket.onclose = socket.onopen as never
      await next(socket, 'close')
      return calls
    },
    expected: [
      [true, 1, 'open'],
      [true, 1, 'close'],
    ],
  },
  {
    title: 'a handler is called in its place among the listeners',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: string[] = []
      socket.addEventListener('open', () => log.push('first'))
      socket.onopen = () => log.push('handler')
      socket.addEventListener('open', () => log.push('last'))
      await opened(socket)
      return log
    },
    expected: ['first', 'handler', 'last'],
  },
  {
    title: 'a handler that is replaced keeps its place',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: string[] = []
      socket.onopen = () => log.push('old')
      socket.addEventListener('open', () => log.push('listener'))
      socket.onopen = () => log.push('new')
      await opened(socket)
      return log
    },
    expected: ['new', 'listener'],
  },
  {
    title: 'a handler that is set again after null has lost its place',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: string[] = []
      socket.onopen = () => log.push('old')
      socket.addEventListener('open', () => log.push('listener'))
      socket.onopen = null
      socket.onopen = () => log.push('new')
      await opened(socket)
      return log
    },
    expected: ['listener', 'new'],
  },
  {
    title: 'a handler that is set to null is not called',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: string[] = []
      socket.onopen = () => log.push('handler')
      socket.onopen = null
      await opened(socket)
      return log
    },
    expected: [],
  },
  {
    title: 'a handler that is replaced by an earlier listener of the same event is called as the new one',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: string[] = []
      socket.addEventListener('open', () => {
        socket.onopen = () => log.push('new')
      })
      socket.onopen = () => log.push('old')
      await opened(socket)
      return log
    },
    expected: ['new'],
  },
  {
    title: 'what a handler returns changes nothing',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const prevented: boolean[] = []
      socket.onopen = () => false
      socket.onmessage = () => false
      for (const type of ['open', 'message'])
        socket.addEventListener(type, ({ defaultPrevented }) => prevented.push(defaultPrevented))
      await opened(socket)
      socket.send('a')
      await received(socket, 1)
      return [prevented, socket.readyState]
    },
    expected: [[false, false], 1],
  },
  {
    title: 'a handler that is set while a message is handled hears the next one',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/send-and-close')))
      const log: string[] = []
      socket.onmessage = ({ data }) => {
        log.push(`first ${data}`)
        socket.onmessage = ({ data }) => log.push(`second ${data}`)
      }
      socket.send('')
      await next(socket, 'close')
      return log
    },
    expected: ['first one', 'second two', 'second three'],
  },
  {
    title: 'the handlers of two sockets are apart',
    async run({ WebSocket, at }) {
      const [one, other] = [new WebSocket(at('/echo')), new WebSocket(at('/echo'))]
      const log: string[] = []
      one.onopen = () => log.push('one')
      await Promise.all([opened(one), opened(other)])
      return [other.onopen, log]
    },
    expected: [null, ['one']],
  },
  {
    title: 'an onclose that is set after the close event is not called',
    async run(subject) {
      const { WebSocket, at } = subject
      const socket = new WebSocket(at('/now/close'))
      await next(socket, 'close')
      const log: string[] = []
      socket.onclose = () => log.push('close')
      socket.close()
      await opened(new WebSocket(at('/echo')))
      return log
    },
    expected: [],
  },
]
