/** `send`: what it takes, and what of it arrives. */
import { type Case, closed, opened, received, type Subject, shown, thrown } from '../observe.js'

/** What the server heard of these, sent one after the other. */
async function heardOf(
  { WebSocket, at, heard }: Subject,
  all: readonly unknown[],
): Promise<readonly string[]> {
  const socket = await opened(new WebSocket(at('/echo?sent')))
  for (const data of all) socket.send(data as never)
  await received(socket, all.length)
  await closed(socket)
  return (await heard('/echo?sent')).messages
}

/** What is thrown for these, on a socket that is open, and whether it still is. */
async function thrownFor({ WebSocket, at }: Subject, all: readonly (() => unknown)[]): Promise<unknown[]> {
  const socket = await opened(new WebSocket(at('/echo')))
  return [...all.map((make) => thrown(() => socket.send(make() as never))), socket.readyState]
}

const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])

export const sending: readonly Case[] = [
  {
    title: 'a string is sent as text',
    run: (subject) => heardOf(subject, ['hello', 'grüße €', '😀', 'a\0b']),
    expected: ['text hello', 'text grüße €', 'text 😀', 'text a\0b'],
  },
  {
    title: 'lone surrogates become replacement characters',
    run: (subject) => heardOf(subject, ['a\ud800b', '\udc00', '\ud83d\ude00']),
    expected: ['text a\ufffdb', 'text \ufffd', 'text 😀'],
  },
  {
    title: 'an ArrayBuffer is sent as it is',
    run: (subject) => heardOf(subject, [bytes.buffer]),
    expected: ['binary [1 2 3 4 5 6 7 8]'],
  },
  {
    title: 'a view is sent as the part that it shows',
    run: (subject) =>
      heardOf(subject, [
        bytes,
        bytes.subarray(2, 4),
        new DataView(bytes.buffer, 6),
        new DataView(bytes.buffer, 1, 2),
        new Uint16Array(bytes.buffer, 2, 1),
        new BigUint64Array(bytes.buffer),
      ]),
    expected: [
      'binary [1 2 3 4 5 6 7 8]',
      'binary [3 4]',
      'binary [7 8]',
      'binary [2 3]',
      'binary [3 4]',
      'binary [1 2 3 4 5 6 7 8]',
    ],
  },
  {
    title: 'a Blob is sent with its content, and so are its slices and files',
    run: (subject) => {
      const blob = new Blob([bytes], { type: 'text/plain' })
      return heardOf(subject, [blob, blob.slice(1, 3), new File([blob], 'name'), new Blob(['é'])])
    },
    expected: ['binary [1 2 3 4 5 6 7 8]', 'binary [2 3]', 'binary [1 2 3 4 5 6 7 8]', 'binary [195 169]'],
  },
  {
    title: 'everything else is sent as a string',
    run: (subject) =>
      heardOf(subject, [
        7,
        -0,
        true,
        null,
        undefined,
        {},
        [1, [2, 3]],
        new URLSearchParams({ a: '1 2' }),
        new String('boxed'),
        { toString: () => 'own' },
        10n,
        new Map(),
      ]),
    expected: [
      'text 7',
      'text 0',
      'text true',
      'text null',
      'text undefined',
      'text [object Object]',
      'text 1,2,3',
      'text a=1+2',
      'text boxed',
      'text own',
      'text 10',
      'text [object Map]',
    ],
  },
  {
    title: 'sending nothing at all throws a TypeError',
    run: async ({ WebSocket, at }) => {
      const socket = await opened(new WebSocket(at('/echo')))
      return [thrown(() => Reflect.apply(socket.send, socket, [])), socket.readyState]
    },
    expected: ['TypeError', 1],
  },
  {
    title: 'what does not become a string throws what it throws',
    run: (subject) =>
      thrownFor(subject, [
        () => Symbol('a'),
        () => ({
          toString() {
            throw new RangeError('no string')
          },
        }),
        () => Object.create(null),
      ]),
    expected: ['TypeError', 'RangeError', 'TypeError', 1],
  },
  {
    title: 'a buffer that can grow throws a TypeError, and so does a view of it',
    run: (subject) => {
      const make = (): ArrayBuffer => Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }])
      return thrownFor(subject, [make, () => new Uint8Array(make())])
    },
    expected: ['TypeError', 'TypeError', 1],
  },
  {
    title: 'a buffer that was transferred is sent as an empty one',
    run: (subject) => {
      const view = new Uint8Array([1, 2])
      structuredClone(view.buffer, { transfer: [view.buffer] })
      return heardOf(subject, [view.buffer, view])
    },
    expected: ['binary []', 'binary []'],
  },
  {
    title: 'a buffer that is changed afterwards is sent as it was',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      const data = new Uint8Array([1, 2, 3])
      socket.send(data)
      data.fill(9)
      return await shown((await received(socket, 1))[0])
    },
    expected: 'Blob [1 2 3]',
  },
  {
    title: 'empty messages arrive, each as what it is',
    run: (subject) => heardOf(subject, ['', new ArrayBuffer(0), new Uint8Array(0), new Blob([])]),
    expected: ['text ', 'binary []', 'binary []', 'binary []'],
  },
  {
    title: 'strings, buffers and blobs arrive in the order in which they were sent',
    run: (subject) => heardOf(subject, [new Blob(['1']), '2', new Uint8Array([3]), new Blob(['4']), '5']),
    expected: ['binary [49]', 'text 2', 'binary [3]', 'binary [52]', 'text 5'],
  },
  {
    title: 'a thousand messages come back in their order',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      for (let number = 0; number < 1000; number++) socket.send(`${number}`)
      const all = await received(socket, 1000)
      return all.every((data, position) => data === `${position}`)
    },
    expected: true,
  },
  {
    title: 'messages of 3 MiB arrive whole, text and binary',
    async run(subject) {
      const size = 3 * 1024 * 1024
      const all = ['x'.repeat(size), new Uint8Array(size), new Blob([new Uint8Array(size)])]
      return await heardOf(subject, all)
    },
    expected: ['text of 3145728', 'binary of 3145728', 'binary of 3145728'],
  },
  {
    title: 'sending while connecting throws an InvalidStateError, whatever is sent',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/silent'))
      const all = ['a', '', new Uint8Array(1), new Blob([]), 7]
      const results = all.map((data) => thrown(() => socket.send(data as never)))
      const { bufferedAmount, readyState } = socket
      socket.close()
      return [...results, bufferedAmount, readyState]
    },
    expected: [...Array(5).fill('DOMException InvalidStateError'), 0, 0],
  },
  {
    title: 'what is wrong with the arguments is thrown before what is wrong with the state',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/silent'))
      const results = [
        thrown(() => Reflect.apply(socket.send, socket, [])),
        thrown(() => socket.send(Symbol('a') as never)),
      ]
      socket.close()
      return results
    },
    expected: ['TypeError', 'TypeError'],
  },
  {
    title: 'sending while closing, and when closed, throws nothing and sends nothing',
    async run({ WebSocket, at, heard }) {
      const socket = await opened(new WebSocket(at('/echo?late')))
      socket.send('before')
      const end = closed(socket)
      const results = [thrown(() => socket.send('closing'))]
      await end
      results.push(thrown(() => socket.send('closed')))
      return [...results, (await heard('/echo?late')).messages]
    },
    expected: ['nothing', 'nothing', ['text before']],
  },
  {
    title: 'sending when closed still throws for what is no argument',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      await closed(socket)
      return [
        thrown(() => Reflect.apply(socket.send, socket, [])),
        thrown(() => socket.send(Symbol('a') as never)),
      ]
    },
    expected: ['TypeError', 'TypeError'],
  },
  {
    title: 'sending in the open handler works',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      socket.onopen = () => socket.send('first')
      return await received(socket, 1)
    },
    expected: ['first'],
  },
  {
    title: 'what was sent before close() arrives',
    async run({ WebSocket, at, heard }) {
      const socket = await opened(new WebSocket(at('/now/nothing')))
      socket.send('one')
      socket.send(new Uint8Array(3 * 1024 * 1024))
      socket.send(new Blob(['two']))
      await closed(socket, 3000)
      const { messages, code } = await heard('/now/nothing')
      return [messages, code]
    },
    expected: [['text one', 'binary of 3145728', 'binary [116 119 111]'], 3000],
  },
]
