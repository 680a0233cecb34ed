/** Messages of the server, small, empty, large, many and in pieces. */
import { type Case, next, opened, received, shown } from '../observe.js'

export const receiving: readonly Case[] = [
  {
    title: 'an echo has the text that was sent, whatever is in it',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      const all = ['grüße', '😀', '\0', '\ufeffbom', '\u2028', ' ']
      for (const text of all) socket.send(text)
      const back = await received(socket, all.length)
      return all.map((text, position) => text === back[position])
    },
    expected: Array(6).fill(true),
  },
  {
    title: 'empty messages are messages',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/empty')))
      socket.send('')
      return await Promise.all((await received(socket, 2)).map(shown))
    },
    expected: ['string ', 'Blob []'],
  },
  {
    title: 'an empty binary message is an empty ArrayBuffer where that was asked for',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/empty')))
      socket.binaryType = 'arraybuffer'
      socket.send('')
      return await Promise.all((await received(socket, 2)).map(shown))
    },
    expected: ['string ', 'ArrayBuffer []'],
  },
  {
    title: 'a text of 3 MiB comes whole',
    async run({ WebSocket, at }) {
      const [data] = (await received(new WebSocket(at('/now/large-text')), 1)) as [string]
      return [data.length, /^x+$/.test(data)]
    },
    expected: [3145728, true],
  },
  {
    title: 'a Blob of 3 MiB comes whole',
    async run({ WebSocket, at }) {
      const [data] = (await received(new WebSocket(at('/now/large-binary')), 1)) as [Blob]
      const bytes = new Uint8Array(await data.arrayBuffer())
      return [data.size, bytes.every((byte) => byte === 7)]
    },
    expected: [3145728, true],
  },
  {
    title: 'an ArrayBuffer of 3 MiB comes whole',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/large-binary'))
      socket.binaryType = 'arraybuffer'
      const [data] = (await received(socket, 1)) as [ArrayBuffer]
      return [data.byteLength, new Uint8Array(data).every((byte) => byte === 7)]
    },
    expected: [3145728, true],
  },
  {
    title: 'a thousand messages come in their order',
    async run({ WebSocket, at }) {
      const all = await received(new WebSocket(at('/now/many')), 1000)
      return all.every((data, position) => data === `${position}`)
    },
    expected: true,
  },
  {
    title: 'a message in several frames is one message',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/fragments')))
      const log: unknown[] = []
      socket.onmessage = ({ data }) => log.push(data)
      socket.send('')
      await received(socket, 1)
      return log
    },
    expected: ['one two three'],
  },
  {
    title: 'extensions are those that were agreed on, and stay',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo?deflate'))
      const all = [socket.extensions]
      await opened(socket)
      all.push(socket.extensions)
      socket.close()
      await next(socket, 'close')
      return [...all, socket.extensions]
    },
    expected: ['', 'permessage-deflate', 'permessage-deflate'],
  },
  {
    title: 'extensions are empty where the server wants none',
    run: async ({ WebSocket, at }) => (await opened(new WebSocket(at('/echo')))).extensions,
    expected: '',
  },
  {
    title: 'compressed messages come as they were sent',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo?deflate')))
      socket.binaryType = 'arraybuffer'
      const text = 'again and '.repeat(10_000)
      socket.send(text)
      socket.send(new Uint8Array([1, 2, 3]))
      socket.send('')
      const [first, ...others] = await received(socket, 3)
      return [first === text, ...(await Promise.all(others.map(shown)))]
    },
    expected: [true, 'ArrayBuffer [1 2 3]', 'string '],
  },
  {
    title: 'messages that come between close() and the close event are dropped',
    async run({ WebSocket, at, heard }) {
      const socket = await opened(new WebSocket(at('/go/text')))
      const log: string[] = []
      socket.onmessage = ({ data }) => log.push(data)
      socket.send('')
      socket.close()
      await next(socket, 'close')
      return [log, (await heard('/go/text')).messages]
    },
    expected: [[], ['text ']],
  },
]
