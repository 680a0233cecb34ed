/** `bufferedAmount`: bytes that were given to `send` and are not yet on their way. */
import { type Case, closed, eventually, next, opened, received } from '../observe.js'

export const bufferedAmount: readonly Case[] = [
  {
    title: 'bufferedAmount counts the bytes of what has just been sent, and no framing',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      const all: number[] = []
      for (const data of [
        'abc',
        '€',
        '\ud800',
        '',
        new ArrayBuffer(10),
        new Uint8Array(10).subarray(2, 5),
        new Blob(['abcd']),
      ]) {
        socket.send(data)
        all.push(socket.bufferedAmount)
      }
      return all
    },
    expected: [3, 6, 9, 9, 19, 22, 26],
  },
  {
    title: 'bufferedAmount does not fall while the code that sends goes on',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      socket.send('x'.repeat(1000))
      const end = performance.now() + 50
      while (performance.now() < end);
      await Promise.resolve()
      return socket.bufferedAmount
    },
    expected: 1000,
  },
  {
    title: 'bufferedAmount falls to 0 when all has gone',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      socket.send('x'.repeat(3 * 1024 * 1024))
      const before = socket.bufferedAmount
      return [before, await eventually(() => socket.bufferedAmount === 0)]
    },
    expected: [3145728, true],
  },
  {
    title: 'bufferedAmount is 0 when what was sent has come back',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      socket.send('abc')
      await received(socket, 1)
      return socket.bufferedAmount
    },
    expected: 0,
  },
  {
    title: 'bufferedAmount grows by what is sent while closing',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      const end = closed(socket)
      const all = [socket.bufferedAmount]
      for (const data of ['abc', new Uint8Array(3)]) {
        socket.send(data)
        all.push(socket.bufferedAmount)
      }
      await end
      return all
    },
    expected: [0, 3, 6],
  },
  {
    title: 'bufferedAmount grows by what is sent when closed, and stays',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      await closed(socket)
      const all = [socket.bufferedAmount]
      for (const data of ['abc', new Blob(['abc']), '']) {
        socket.send(data)
        all.push(socket.bufferedAmount)
      }
      await opened(new WebSocket(at('/echo')))
      return [...all, socket.bufferedAmount]
    },
    expected: [0, 3, 6, 6, 6],
  },
  {
    title: 'bufferedAmount grows by large messages too when closed',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      await closed(socket)
      return [126, 65536].map((size) => {
        socket.send(new Uint8Array(size))
        return socket.bufferedAmount
      })
    },
    expected: [126, 126 + 65536],
  },
  {
    title: 'bufferedAmount is not set back by close()',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      socket.send('abc')
      socket.close()
      return socket.bufferedAmount
    },
    expected: 3,
  },
  {
    title: 'bufferedAmount grows after a connection that failed',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/refuse/404'))
      await next(socket, 'close')
      const before = socket.bufferedAmount
      socket.send('abc')
      return [before, socket.bufferedAmount > before]
    },
    expected: [0, true],
  },
  {
    title: 'bufferedAmount grows after a close while connecting',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/silent'))
      socket.close()
      socket.send('abc')
      return socket.bufferedAmount > 0
    },
    expected: true,
  },
]
