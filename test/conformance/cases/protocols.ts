/** Subprotocols: what is taken, offered, chosen and refused. */
import { type Case, closed, logged, next, opened, type Subject, said, thrown } from '../observe.js'

/** Opens with these, and returns what was offered. */
async function offered(
  { WebSocket, at, heard }: Subject,
  protocols: unknown,
  choice: string,
): Promise<string | null> {
  const path = `/echo?protocol=${encodeURIComponent(choice)}&of=${encodeURIComponent(String(protocols))}`
  await closed(await opened(new WebSocket(at(path), protocols as never)))
  return (await heard(path)).offered
}

/** The events of a connection whose server answers with what it should not. */
async function refused({ WebSocket, at }: Subject, path: string, protocols?: string[]): Promise<unknown[]> {
  const socket = new WebSocket(at(path), protocols)
  const log: unknown[] = logged(socket)
  const end = said(await next(socket, 'close'))
  return [...log, end, socket.protocol]
}

const failure = ['error 3', 'close 3', { code: 1006, reason: '', wasClean: false }, '']

export const protocols: readonly Case[] = [
  {
    title: 'none are offered for undefined, for an empty array, and for nothing',
    async run({ WebSocket, at, heard }) {
      const all: (string | null)[] = []
      for (const [name, given] of Object.entries({ undefined: [undefined], array: [[]], nothing: [] })) {
        await closed(await opened(new WebSocket(at(`/echo?${name}`), ...given)))
        all.push((await heard(`/echo?${name}`)).offered)
      }
      return all
    },
    expected: [null, null, null],
  },
  {
    title: 'one may be a string',
    run: (subject) => offered(subject, 'chat.v1', 'chat.v1'),
    expected: 'chat.v1',
  },
  {
    title: 'several are offered in their order',
    run: (subject) => offered(subject, ['c', 'a', 'b'], 'a'),
    expected: 'c, a, b',
  },
  {
    title: 'any iterable is taken',
    run: (subject) => offered(subject, new Set(['a', 'b']), 'b'),
    expected: 'a, b',
  },
  {
    title: 'those that differ in case are different',
    run: (subject) => offered(subject, ['a', 'A'], 'A'),
    expected: 'a, A',
  },
  {
    title: 'they are taken as strings, whatever they are',
    async run(subject) {
      return [
        await offered(subject, 7, '7'),
        await offered(subject, null, 'null'),
        await offered(subject, { toString: () => 'own' }, 'own'),
        await offered(subject, ['a', 7, true], '7'),
      ]
    },
    expected: ['7', 'null', 'own', 'a, 7, true'],
  },
  {
    title: 'a String object is a sequence of its characters',
    async run(subject) {
      const { WebSocket, at } = subject
      return [
        await offered(subject, new String('chat'), 'c'),
        thrown(() => new WebSocket(at('/echo'), new String('aa') as never)),
      ]
    },
    expected: ['c, h, a, t', 'DOMException SyntaxError'],
  },
  {
    title: 'every character of a token may stand in one',
    run: (subject) => offered(subject, "!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ"),
    expected: "!#$%&'*+-.^_`|~09azAZ",
  },
  {
    title: 'what is no token throws a SyntaxError',
    run: ({ WebSocket, at }) =>
      [
        'a b',
        'a,b',
        'a/b',
        'a"b',
        'a(b',
        '[a]',
        'a{b',
        'a;b',
        'a=b',
        'a@b',
        'a\\b',
        'é',
        '\u007f',
        'a\n',
        '\0',
      ].map((protocol) => thrown(() => new WebSocket(at('/echo'), protocol))),
    expected: Array(15).fill('DOMException SyntaxError'),
  },
  {
    title: 'an empty one throws a SyntaxError',
    run: ({ WebSocket, at }) =>
      ['', [''], ['a', '']].map((given) => thrown(() => new WebSocket(at('/echo'), given))),
    expected: Array(3).fill('DOMException SyntaxError'),
  },
  {
    title: 'one that is there twice throws a SyntaxError',
    run: ({ WebSocket, at }) => thrown(() => new WebSocket(at('/echo'), ['a', 'b', 'a'])),
    expected: 'DOMException SyntaxError',
  },
  {
    title: 'an object that is not iterable is taken as a string, which is no token',
    run: ({ WebSocket, at }) => thrown(() => new WebSocket(at('/echo'), {} as never)),
    expected: 'DOMException SyntaxError',
  },
  {
    title: 'one that does not become a string throws what it throws',
    run: ({ WebSocket, at }) => [
      thrown(() => new WebSocket(at('/echo'), Symbol('a') as never)),
      thrown(() => new WebSocket(at('/echo'), [Symbol('a')] as never)),
      thrown(
        () =>
          new WebSocket(at('/echo'), {
            toString() {
              throw new RangeError('no string')
            },
          } as never),
      ),
    ],
    expected: ['TypeError', 'TypeError', 'RangeError'],
  },
  {
    title: 'an iterable that throws lets the constructor throw the same',
    run: ({ WebSocket, at }) =>
      thrown(
        () =>
          new WebSocket(at('/echo'), {
            *[Symbol.iterator]() {
              yield 'a'
              throw new RangeError('no more')
            },
          } as never),
      ),
    expected: 'RangeError',
  },
  {
    title: 'an array that is changed afterwards changes nothing',
    async run({ WebSocket, at }) {
      const given = ['a']
      const socket = new WebSocket(at('/echo?protocol=a'), given)
      given[0] = 'b'
      return (await opened(socket)).protocol
    },
    expected: 'a',
  },
  {
    title: 'protocol is empty before, what the server chose when it is open, and stays',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo?protocol=b'), ['a', 'b'])
      const all = [socket.protocol]
      await opened(socket)
      all.push(socket.protocol)
      await closed(socket)
      return [...all, socket.protocol]
    },
    expected: ['', 'b', 'b'],
  },
  {
    title: 'protocol is empty where none was offered',
    run: async ({ WebSocket, at }) => (await opened(new WebSocket(at('/echo')))).protocol,
    expected: '',
  },
  {
    title: 'a server that chooses none of those that were offered is not connected to',
    run: (subject) => refused(subject, '/echo', ['a', 'b']),
    expected: failure,
  },
  {
    title: 'a server that chooses what was not offered is not connected to',
    run: (subject) => refused(subject, '/echo?protocol=c', ['a', 'b']),
    expected: failure,
  },
  {
    title: 'a server that chooses in another case is not connected to',
    run: (subject) => refused(subject, '/echo?protocol=A', ['a']),
    expected: failure,
  },
  {
    title: 'a server that chooses two is not connected to',
    run: (subject) => refused(subject, '/echo?protocol=a,b', ['a', 'b']),
    expected: failure,
  },
  {
    title: 'a server that chooses one where none was offered is not connected to',
    run: (subject) => refused(subject, '/echo?protocol=a'),
    expected: failure,
  },
  {
    title: 'a subprotocol that the hub knows is one like any other',
    run: (subject) => offered(subject, ['wsyard.v1', 'a'], 'wsyard.v1'),
    expected: 'wsyard.v1, a',
  },
]
