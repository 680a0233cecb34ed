/** `binaryType`: what it may be, and what it makes of messages. */
import { type Case, closed, next, opened, received, shown } from '../observe.js'

export const binaryType: readonly Case[] = [
  {
    title: 'binaryType is blob, and may be arraybuffer',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const all = [socket.binaryType]
      for (const type of ['arraybuffer', 'blob'] as const) {
        socket.binaryType = type
        all.push(socket.binaryType)
      }
      return all
    },
    expected: ['blob', 'arraybuffer', 'blob'],
  },
  {
    title: 'any other binaryType is ignored without an error',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      socket.binaryType = 'arraybuffer'
      return ['', 'Blob', 'BLOB', 'text', 7, null, undefined, {}].map((type) => {
        socket.binaryType = type as never
        return socket.binaryType
      })
    },
    expected: Array(8).fill('arraybuffer'),
  },
  {
    title: 'binaryType is taken as a string, whatever it is',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      socket.binaryType = { toString: () => 'arraybuffer' } as never
      return socket.binaryType
    },
    expected: 'arraybuffer',
  },
  {
    title: 'a binaryType that does not become a string throws a TypeError',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      try {
        socket.binaryType = Symbol('a') as never
        return 'nothing'
      } catch (error) {
        return [(error as Error).constructor.name, socket.binaryType]
      }
    },
    expected: ['TypeError', 'blob'],
  },
  {
    title: 'a binary message is a Blob without a type',
    async run({ WebSocket, at }) {
      const [data] = await received(new WebSocket(at('/now/binary')), 1)
      return [await shown(data), (data as Blob).type, (data as Blob).size]
    },
    expected: ['Blob [1 2 3]', '', 3],
  },
  {
    title: 'a binary message is an ArrayBuffer where that was asked for while connecting',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/binary'))
      socket.binaryType = 'arraybuffer'
      const [data] = await received(socket, 1)
      return [await shown(data), Object.prototype.toString.call(data)]
    },
    expected: ['ArrayBuffer [1 2 3]', '[object ArrayBuffer]'],
  },
  {
    title: 'a binaryType that is set between two messages counts from the next one on',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      const all: string[] = []
      for (const type of ['blob', 'arraybuffer', 'blob'] as const) {
        socket.binaryType = type
        socket.send(new Uint8Array([7]))
        all.push(await shown(...((await received(socket, 1)) as [unknown])))
      }
      return all
    },
    expected: ['Blob [7]', 'ArrayBuffer [7]', 'Blob [7]'],
  },
  {
    title: 'a text message is a string, whatever the binaryType',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/text'))
      socket.binaryType = 'arraybuffer'
      return await shown(...((await received(socket, 1)) as [unknown]))
    },
    expected: 'string text',
  },
  {
    title: 'an ArrayBuffer that was received belongs to the page',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      socket.binaryType = 'arraybuffer'
      socket.send(new Uint8Array([1, 2]))
      const [first] = (await received(socket, 1)) as [ArrayBuffer]
      new Uint8Array(first).fill(9)
      socket.send(new Uint8Array([1, 2]))
      return [
        await shown(first),
        await shown((await received(socket, 1))[0]),
        structuredClone(first, { transfer: [first] }).byteLength,
        first.byteLength,
      ]
    },
    expected: ['ArrayBuffer [9 9]', 'ArrayBuffer [1 2]', 2, 0],
  },
  {
    title: 'binaryType can still be set when the connection has ended',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      await closed(socket)
      socket.binaryType = 'arraybuffer'
      return socket.binaryType
    },
    expected: 'arraybuffer',
  },
  {
    title: 'binaryType stays over a connection that fails',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/refuse/500'))
      socket.binaryType = 'arraybuffer'
      await next(socket, 'close')
      return socket.binaryType
    },
    expected: 'arraybuffer',
  },
]
