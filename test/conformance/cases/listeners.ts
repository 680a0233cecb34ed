/** Listeners, as every EventTarget has them. */
import { type Case, next, opened, received } from '../observe.js'

export const listeners: readonly Case[] = [
  {
    title: 'listeners are called in the order in which they were added',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: number[] = []
      for (const number of [1, 2, 3]) socket.addEventListener('open', () => log.push(number))
      await opened(socket)
      return log
    },
    expected: [1, 2, 3],
  },
  {
    title: 'a listener that is added twice is called once',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: string[] = []
      const listener = (): void => void log.push('open')
      socket.addEventListener('open', listener)
      socket.addEventListener('open', listener)
      await opened(socket)
      return log
    },
    expected: ['open'],
  },
  {
    title: 'a listener that is removed is not called',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: string[] = []
      const listener = (): void => void log.push('open')
      socket.addEventListener('open', listener)
      socket.removeEventListener('open', listener)
      await opened(socket)
      return log
    },
    expected: [],
  },
  {
    title: 'a listener that is removed by an earlier one is not called for the same event',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: string[] = []
      const listener = (): void => void log.push('removed')
      socket.addEventListener('open', () => socket.removeEventListener('open', listener))
      socket.addEventListener('open', listener)
      await opened(socket)
      return log
    },
    expected: [],
  },
  {
    title: 'a listener that is added by another one is called from the next event on',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/send-and-close')))
      const log: string[] = []
      socket.addEventListener('message', ({ data }) => {
        if (data === 'one') socket.addEventListener('message', ({ data }) => log.push(data))
      })
      socket.send('')
      await next(socket, 'close')
      return log
    },
    expected: ['two', 'three'],
  },
  {
    title: 'a listener with once is called once',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/send-and-close')))
      const log: string[] = []
      socket.addEventListener('message', ({ data }) => log.push(data), { once: true })
      socket.send('')
      await next(socket, 'close')
      return log
    },
    expected: ['one'],
  },
  {
    title: 'an object with handleEvent is a listener, and its own this',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: unknown[] = []
      const listener = {
        handleEvent(event: Event) {
          log.push([event.type, this === listener])
        },
      }
      socket.addEventListener('open', listener)
      await opened(socket)
      return log
    },
    expected: [['open', true]],
  },
  {
    title: 'an aborted signal removes its listener',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/send-and-close')))
      const log: string[] = []
      const control = new AbortController()
      const { signal } = control
      socket.addEventListener(
        'message',
        ({ data }) => {
          log.push(data)
          if (data === 'two') control.abort()
        },
        { signal },
      )
      socket.addEventListener('message', () => log.push('never'), { signal: AbortSignal.abort() })
      socket.send('')
      await next(socket, 'close')
      return log
    },
    expected: ['one', 'two'],
  },
  {
    // Chromium keeps the order of adding outside of documents; the standard has the capturing ones first.
    title: 'capturing listeners have no place of their own',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const log: string[] = []
      socket.addEventListener('open', () => log.push('plain'))
      socket.addEventListener('open', () => log.push('capture'), true)
      socket.addEventListener('open', () => log.push('capture too'), { capture: true })
      await opened(socket)
      return log
    },
    expected: ['plain', 'capture', 'capture too'],
  },
  {
    title: 'stopImmediatePropagation keeps the event from the later listeners and handlers',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/close'))
      const log: string[] = []
      socket.addEventListener('open', (event) => {
        log.push('first')
        event.stopImmediatePropagation()
      })
      socket.addEventListener('open', () => log.push('second'))
      socket.onopen = () => log.push('handler')
      await next(socket, 'close')
      return log
    },
    expected: ['first'],
  },
  {
    title: 'what a listener throws is reported, and keeps nobody else from the event',
    async run({ WebSocket, at }) {
      const log: string[] = []
      const report = (event: ErrorEvent): void => {
        log.push(`reported ${event.error.message}`)
        event.preventDefault()
      }
      window.addEventListener('error', report)
      try {
        const socket = new WebSocket(at('/echo'))
        socket.onopen = () => {
          throw new Error('handler')
        }
        socket.addEventListener('open', () => {
          throw new Error('listener')
        })
        socket.addEventListener('open', () => log.push(`last ${socket.readyState}`))
        await opened(socket)
        socket.send('a')
        log.push(...((await received(socket, 1)) as string[]))
        return log
      } finally {
        window.removeEventListener('error', report)
      }
    },
    expected: ['reported handler', 'reported listener', 'last 1', 'a'],
  },
  {
    title: 'a null listener is none',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      socket.addEventListener('open', null as never)
      return (await opened(socket)).readyState
    },
    expected: 1,
  },
]
