/** The class as Web IDL has it. */
import { type Case, closed, opened, type Subject, thrown } from '../observe.js'

const names = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const
const readOnly = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol']
const readWrite = ['binaryType', 'onopen', 'onmessage', 'onerror', 'onclose']

function keysOf(target: object): unknown[] {
  return Reflect.ownKeys(target).map(String).sort()
}

function accessorsOf({ WebSocket }: Subject, attributes: readonly string[]): unknown[] {
  return attributes.map((name) => {
    const { get, set, enumerable, configurable } =
      Object.getOwnPropertyDescriptor(WebSocket.prototype, name) ?? {}
    return [get?.name, get?.length, set?.name, set?.length, enumerable, configurable]
  })
}

export const shape: readonly Case[] = [
  {
    title: 'the class has its name and one argument that must be there',
    run: ({ WebSocket }) => ['name', 'length'].map((key) => Object.getOwnPropertyDescriptor(WebSocket, key)),
    expected: [
      { value: 'WebSocket', writable: false, enumerable: false, configurable: true },
      { value: 1, writable: false, enumerable: false, configurable: true },
    ],
  },
  {
    title: 'the class has its constants and nothing more',
    run: ({ WebSocket }) => keysOf(WebSocket),
    expected: ['CLOSED', 'CLOSING', 'CONNECTING', 'OPEN', 'length', 'name', 'prototype'],
  },
  {
    title: 'the prototype has the members of the interface and nothing more',
    run: ({ WebSocket }) => keysOf(WebSocket.prototype),
    expected: [
      ...Object.keys(names),
      ...readOnly,
      ...readWrite,
      'Symbol(Symbol.toStringTag)',
      'close',
      'constructor',
      'send',
    ].sort(),
  },
  {
    title: 'an object has nothing of its own',
    run: ({ WebSocket, at }) => keysOf(new WebSocket(at('/echo'))),
    expected: [],
  },
  {
    title: 'class and prototype inherit from EventTarget',
    run: ({ WebSocket }) => [
      Object.getPrototypeOf(WebSocket) === EventTarget,
      Object.getPrototypeOf(WebSocket.prototype) === EventTarget.prototype,
    ],
    expected: [true, true],
  },
  {
    title: 'an object is an EventTarget and an instance of its class, which is its constructor',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      return [socket instanceof EventTarget, socket instanceof WebSocket, socket.constructor === WebSocket]
    },
    expected: [true, true, true],
  },
  {
    title: 'the prototype of the class cannot be replaced',
    run: ({ WebSocket }) => {
      const { writable, enumerable, configurable } =
        Object.getOwnPropertyDescriptor(WebSocket, 'prototype') ?? {}
      return { writable, enumerable, configurable }
    },
    expected: { writable: false, enumerable: false, configurable: false },
  },
  {
    title: 'constructor is writable and not enumerable',
    run: ({ WebSocket }) => {
      const { writable, enumerable, configurable } =
        Object.getOwnPropertyDescriptor(WebSocket.prototype, 'constructor') ?? {}
      return { writable, enumerable, configurable }
    },
    expected: { writable: true, enumerable: false, configurable: true },
  },
  {
    title: 'the constants are on class and prototype, enumerable and unchangeable',
    run: ({ WebSocket }) =>
      [WebSocket, WebSocket.prototype].map((holder) =>
        Object.keys(names).map((name) => Object.getOwnPropertyDescriptor(holder, name)),
      ),
    expected: Array(2).fill(
      Object.values(names).map((value) => ({
        value,
        writable: false,
        enumerable: true,
        configurable: false,
      })),
    ),
  },
  {
    title: 'an object has the constants by its prototype',
    run({ WebSocket, at }) {
      const { CONNECTING, OPEN, CLOSING, CLOSED } = new WebSocket(at('/echo'))
      return { CONNECTING, OPEN, CLOSING, CLOSED }
    },
    expected: names,
  },
  {
    title: 'attributes that are only read have getters, and no setters',
    run: (subject) => accessorsOf(subject, readOnly),
    expected: readOnly.map((name) => [`get ${name}`, 0, undefined, undefined, true, true]),
  },
  {
    title: 'attributes that are also written have getters and setters',
    run: (subject) => accessorsOf(subject, readWrite),
    expected: readWrite.map((name) => [`get ${name}`, 0, `set ${name}`, 1, true, true]),
  },
  {
    title: 'methods are enumerable and writable, and say how many arguments they must have',
    run: ({ WebSocket }) =>
      (['send', 'close'] as const).map((name) => {
        const { value, writable, enumerable, configurable } =
          Object.getOwnPropertyDescriptor(WebSocket.prototype, name) ?? {}
        return [value.name, value.length, writable, enumerable, configurable]
      }),
    expected: [
      ['send', 1, true, true, true],
      ['close', 0, true, true, true],
    ],
  },
  {
    title: 'methods and getters are no constructors',
    run: ({ WebSocket }) => {
      const { get } = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'url') ?? {}
      return [WebSocket.prototype.send, WebSocket.prototype.close, get].map((member) =>
        thrown(() => Reflect.construct(member as never, [])),
      )
    },
    expected: ['TypeError', 'TypeError', 'TypeError'],
  },
  {
    title: 'the toStringTag is WebSocket',
    run: ({ WebSocket }) => Object.getOwnPropertyDescriptor(WebSocket.prototype, Symbol.toStringTag),
    expected: { value: 'WebSocket', writable: false, enumerable: false, configurable: true },
  },
  {
    title: 'an object says that it is a WebSocket',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      return [
        Object.prototype.toString.call(socket),
        `${socket}`,
        Object.prototype.toString.call(WebSocket.prototype),
      ]
    },
    expected: ['[object WebSocket]', '[object WebSocket]', '[object WebSocket]'],
  },
  {
    title: 'for…in goes through all members, those of EventTarget too',
    run({ WebSocket, at }) {
      const all: string[] = []
      for (const name in new WebSocket(at('/echo'))) all.push(name)
      return all.sort()
    },
    expected: [
      ...Object.keys(names),
      ...readOnly,
      ...readWrite,
      'addEventListener',
      'close',
      'dispatchEvent',
      'removeEventListener',
      'send',
      'when', // of observables, which Chromium has and no standard yet
    ].sort(),
  },
  {
    title: 'writing what is only read throws a TypeError in strict code',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      return [...readOnly, 'OPEN'].map((name) => thrown(() => Object.assign(socket, { [name]: 9 })))
    },
    expected: Array(6).fill('TypeError'),
  },
  {
    title: 'getters, setters and methods throw a TypeError on what is no WebSocket',
    run({ WebSocket }) {
      const { prototype } = WebSocket
      const setter = Object.getOwnPropertyDescriptor(prototype, 'binaryType')?.set
      return [
        ...[...readOnly, 'binaryType'].map((name) => thrown(() => Reflect.get(prototype, name))),
        thrown(() => setter?.call({}, 'blob')),
        thrown(() => prototype.send.call(new EventTarget() as never, 'a')),
        thrown(() => prototype.close.call({} as never)),
      ]
    },
    expected: Array(9).fill('TypeError'),
  },
  {
    title: 'event handler attributes throw a TypeError on what is no WebSocket',
    run: ({ WebSocket }) =>
      ['onopen', 'onmessage', 'onerror', 'onclose'].map((name) =>
        thrown(() => Reflect.get(WebSocket.prototype, name)),
      ),
    expected: Array(4).fill('TypeError'),
  },
  {
    title: 'members can be replaced on an object',
    run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      socket.send = () => {}
      Object.defineProperty(socket, 'url', { value: 'mine' })
      return [socket.url, thrown(() => socket.send('a'))]
    },
    expected: ['mine', 'nothing'],
  },
  {
    title: 'methods return undefined',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      const results: unknown[] = [socket.send('a'), socket.close()]
      await closed(socket)
      return [...results, socket.send('a'), socket.close()].map(String)
    },
    expected: Array(4).fill('undefined'),
  },
]
