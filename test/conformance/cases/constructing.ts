/** The constructor and its URL. */
import { type Case, logged, next, opened, type Subject, thrown } from '../observe.js'

/** What becomes of a URL. Nobody waits for the connection: there may be nothing at the other end. */
function urlOf({ WebSocket, named }: Subject, url: unknown): string {
  const socket = new WebSocket(url as string)
  socket.close()
  return named(socket.url)
}

export const constructing: readonly Case[] = [
  {
    title: 'calling the class without new throws a TypeError',
    run: ({ WebSocket, at }) => thrown(() => (WebSocket as unknown as (url: string) => void)(at('/echo'))),
    expected: 'TypeError',
  },
  {
    title: 'no arguments throw a TypeError',
    run: ({ WebSocket }) => thrown(() => Reflect.construct(WebSocket, [])),
    expected: 'TypeError',
  },
  {
    title: 'a URL that cannot be parsed throws a SyntaxError',
    run: ({ WebSocket }) =>
      ['ws://', 'ws://a<b/', 'http://[::1', 'ws://host:99999/', 'ws://%/', 'https://'].map((url) =>
        thrown(() => new WebSocket(url)),
      ),
    expected: Array(6).fill('DOMException SyntaxError'),
  },
  {
    title: 'a scheme other than ws, wss, http and https throws a SyntaxError',
    run: ({ WebSocket }) =>
      [
        'ftp://a/',
        'file:///a',
        'mailto:a@b',
        'data:,a',
        'about:blank',
        'javascript:0',
        'blob:http://a/b',
        'wsx://a/',
      ].map((url) => thrown(() => new WebSocket(url))),
    expected: Array(8).fill('DOMException SyntaxError'),
  },
  {
    title: 'a fragment throws a SyntaxError, and an empty one too',
    run: ({ WebSocket, at }) =>
      ['#fragment', '#', '?x=1#y'].map((fragment) => thrown(() => new WebSocket(at(`/echo${fragment}`)))),
    expected: Array(3).fill('DOMException SyntaxError'),
  },
  {
    title: 'a # that is escaped is part of the path',
    run: (subject) => urlOf(subject, subject.at('/echo%23a')),
    expected: 'ws://server/echo%23a',
  },
  {
    title: 'a port that browsers block fails the connection',
    async run({ WebSocket }) {
      const socket = new WebSocket('ws://127.0.0.1:22/')
      const log = logged(socket)
      await Promise.race([next(socket, 'open'), next(socket, 'error')])
      return log
    },
    expected: ['error 3'],
  },
  {
    title: 'http becomes ws',
    run: (subject) => urlOf(subject, subject.at('/echo').replace('ws:', 'http:')),
    expected: 'ws://server/echo',
  },
  {
    title: 'https becomes wss',
    run: (subject) => urlOf(subject, subject.at('/echo').replace('ws:', 'https:')),
    expected: 'wss://server/echo',
  },
  {
    title: 'a connection is made with an http URL as with a ws URL',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo').replace('ws:', 'http:')))
      return socket.readyState
    },
    expected: 1,
  },
  {
    title: 'a relative URL is resolved against that of the page',
    run: (subject) =>
      ['echo', '/echo?x=1', '?x=1', '', 'a/../b', '//other.test/a'].map((url) => urlOf(subject, url)),
    expected: [
      'ws://page/echo',
      'ws://page/echo?x=1',
      'ws://page/?x=1',
      'ws://page/',
      'ws://page/b',
      'ws://other.test/a',
    ],
  },
  {
    title: 'the URL is normalised',
    run: (subject) =>
      ['/a/./b/../c d?e f"é', '/ü', '']
        .map((path) => subject.at(path).replace('ws:', 'WS:'))
        .map((url) => urlOf(subject, url)),
    expected: ['ws://server/a/c%20d?e%20f%22%C3%A9', 'ws://server/%C3%BC', 'ws://server/'],
  },
  {
    title: 'the default port is left out of the URL',
    run: (subject) => ['ws://a.invalid:80/b', 'wss://a.invalid:443/b'].map((url) => urlOf(subject, url)),
    expected: ['ws://a.invalid/b', 'wss://a.invalid/b'],
  },
  {
    title: 'path and query reach the server',
    async run({ WebSocket, at, heard }) {
      const socket = await opened(new WebSocket(at('/echo/%7E/a;b?x=1&y=%20')))
      socket.close(3000)
      return (await heard('/echo/%7E/a;b?x=1&y=%20')).code
    },
    expected: 3000,
  },
  {
    title: 'a URL object is taken',
    async run({ WebSocket, at, named }) {
      const socket = await opened(new WebSocket(new URL(at('/echo?url'))))
      return named(socket.url)
    },
    expected: 'ws://server/echo?url',
  },
  {
    title: 'the URL is taken as a string, whatever it is',
    run: (subject) =>
      [{ toString: () => subject.at('/echo') }, [subject.at('/echo')], 7, null, undefined].map((url) =>
        urlOf(subject, url),
      ),
    expected: [
      'ws://server/echo',
      'ws://server/echo',
      'ws://page/7',
      'ws://page/null',
      'ws://page/undefined',
    ],
  },
  {
    title: 'a URL that does not become a string throws what it throws',
    run: ({ WebSocket }) => [
      thrown(() => new WebSocket(Symbol('a') as never)),
      thrown(
        () =>
          new WebSocket({
            toString() {
              throw new RangeError('no string')
            },
          } as never),
      ),
    ],
    expected: ['TypeError', 'RangeError'],
  },
  {
    title: 'a lone surrogate in the URL becomes a replacement character',
    run: (subject) => urlOf(subject, subject.at('/a\ud800b')),
    expected: 'ws://server/a%EF%BF%BDb',
  },
  {
    title: 'a new object is connecting, and has all its defaults',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'), 'a')
      const { readyState, bufferedAmount, protocol, extensions, binaryType } = socket
      const { onopen, onmessage, onerror, onclose } = socket
      return {
        readyState,
        bufferedAmount,
        protocol,
        extensions,
        binaryType,
        onopen,
        onmessage,
        onerror,
        onclose,
      }
    },
    expected: {
      readyState: 0,
      bufferedAmount: 0,
      protocol: '',
      extensions: '',
      binaryType: 'blob',
      onopen: null,
      onmessage: null,
      onerror: null,
      onclose: null,
    },
  },
  {
    title: 'the URL is known at once, and stays when the connection has ended',
    async run({ WebSocket, at, named }) {
      const socket = new WebSocket(at('/now/close?code=1000'))
      const urls = [named(socket.url)]
      await next(socket, 'close')
      return [...urls, named(socket.url)]
    },
    expected: ['ws://server/now/close?code=1000', 'ws://server/now/close?code=1000'],
  },
  {
    title: 'nothing is dispatched before the code that made it has ended',
    async run({ WebSocket, at }) {
      const log = logged(new WebSocket(at('/refuse/404')))
      const socket = new WebSocket(at('/echo'))
      const end = performance.now() + 50
      while (performance.now() < end);
      await Promise.resolve()
      const states = [socket.readyState, ...log]
      socket.onopen = () => states.push('open')
      await next(socket, 'open')
      return states
    },
    expected: [0, 'open'],
  },
  {
    title: 'a subclass makes its own objects',
    async run({ WebSocket, at }) {
      class Own extends WebSocket {
        readonly mine = 'mine'
        override get url() {
          return 'own'
        }
      }
      const socket = await opened(new Own(at('/echo')))
      const { mine, url, readyState } = socket as Own
      return [socket instanceof Own, socket instanceof WebSocket, mine, url, readyState]
    },
    expected: [true, true, 'mine', 'own', 1],
  },
  {
    title: 'Reflect.construct makes an object with the prototype of another class',
    run({ WebSocket, at }) {
      class Other extends EventTarget {}
      const socket = Reflect.construct(WebSocket, [at('/echo')], Other)
      return [socket instanceof Other, socket instanceof WebSocket]
    },
    expected: [true, false],
  },
]
