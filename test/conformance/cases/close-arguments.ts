/** The arguments of `close`: what they may be, and what of them the server hears. */
import { type Case, closed, opened, type Subject, said, thrown } from '../observe.js'

/** What is thrown for these, all on one socket that is open, and its state after each. */
async function refused({ WebSocket, at }: Subject, all: readonly unknown[][]): Promise<unknown[]> {
  const socket = await opened(new WebSocket(at('/echo')))
  return all.map((given) => [
    thrown(() => socket.close(...(given as Parameters<WebSocket['close']>))),
    socket.readyState,
  ])
}

/** What the server heard of each, and whether the event says the same. */
async function accepted({ WebSocket, at, heard }: Subject, all: readonly unknown[][]): Promise<unknown[]> {
  const results: unknown[] = []
  for (const [position, given] of all.entries()) {
    const path = `/echo?close=${position}`
    const socket = await opened(new WebSocket(at(path)))
    const event = said(await closed(socket, ...(given as Parameters<WebSocket['close']>)))
    const { code, reason } = await heard(path)
    const isSame = event.wasClean && event.code === code && event.reason === reason
    results.push([code, reason.length > 20 ? reason.length : reason, isSame])
  }
  return results
}

const invalid = (count: number): unknown[] => Array(count).fill(['DOMException InvalidAccessError', 1])

export const closeArguments: readonly Case[] = [
  {
    title: 'close() without a code sends none, which the event has as 1005',
    run: (subject) => accepted(subject, [[]]),
    expected: [[1005, '', true]],
  },
  {
    title: 'a code may be 1000, and 3000 to 4999',
    run: (subject) => accepted(subject, [[1000], [3000], [3999], [4000], [4999]]),
    expected: [1000, 3000, 3999, 4000, 4999].map((code) => [code, '', true]),
  },
  {
    title: 'any other code throws an InvalidAccessError, and closes nothing',
    run: (subject) =>
      refused(
        subject,
        [0, 1, 999, 1001, 1002, 1005, 1006, 1011, 1015, 2999, 5000, 65535].map((code) => [code]),
      ),
    expected: invalid(12),
  },
  {
    title: 'a code that is too large or too small is the largest or smallest of 16 bits',
    run: (subject) => refused(subject, [[70_000], [65_536 + 1000], [-1], [Infinity], [-Infinity]]),
    expected: invalid(5),
  },
  {
    title: 'a code that is no number is 0',
    run: (subject) => refused(subject, [[Number.NaN], [null], ['a'], [{}], [false], ['']]),
    expected: invalid(6),
  },
  {
    // Chromium cuts what is behind the point; the standard rounds, and would have 3001.
    title: 'a code is taken as a whole number, whatever it is',
    run: (subject) => accepted(subject, [['3000'], [3000.6], [1000.5], [{ valueOf: () => 3001 }], [[3002]]]),
    expected: [3000, 3000, 1000, 3001, 3002].map((code) => [code, '', true]),
  },
  {
    title: 'a code that does not become a number throws a TypeError',
    run: (subject) => refused(subject, [[Symbol('a')], [10n]]),
    expected: Array(2).fill(['TypeError', 1]),
  },
  {
    title: 'an undefined code is none',
    run: (subject) => accepted(subject, [[undefined], [undefined, undefined]]),
    expected: Array(2).fill([1005, '', true]),
  },
  {
    title: 'a reason goes to the server with its code, and comes back',
    run: (subject) =>
      accepted(subject, [
        [3000, 'done'],
        [1000, 'grüße €'],
        [4000, '😀'],
        [4001, ''],
      ]),
    expected: [
      [3000, 'done', true],
      [1000, 'grüße €', true],
      [4000, '😀', true],
      [4001, '', true],
    ],
  },
  {
    // Chromium takes an undefined code before a reason for 0; the standard takes it for none.
    title: 'a reason with an undefined code throws an InvalidAccessError',
    run: (subject) => refused(subject, [[undefined, 'why']]),
    expected: invalid(1),
  },
  {
    title: 'a reason may have 123 bytes as UTF-8',
    run: (subject) =>
      accepted(subject, [
        [3000, 'x'.repeat(123)],
        [3000, '€'.repeat(41)],
      ]),
    expected: [
      [3000, 123, true],
      [3000, 41, true],
    ],
  },
  {
    title: 'a reason of 124 bytes throws a SyntaxError, and closes nothing',
    run: (subject) =>
      refused(subject, [
        [3000, 'x'.repeat(124)],
        [1000, `${'€'.repeat(41)}x`],
      ]),
    expected: Array(2).fill(['DOMException SyntaxError', 1]),
  },
  {
    title: 'a lone surrogate in a reason becomes a replacement character of three bytes',
    async run(subject) {
      return [
        ...(await accepted(subject, [[3000, 'a\ud800']])),
        ...(await refused(subject, [[3000, '\ud800'.repeat(42)]])),
      ]
    },
    expected: [
      [3000, 'a\ufffd', true],
      ['DOMException SyntaxError', 1],
    ],
  },
  {
    title: 'a reason is taken as a string, whatever it is',
    run: (subject) =>
      accepted(subject, [
        [3000, 7],
        [3000, null],
        [3000, { toString: () => 'own' }],
        [3000, undefined],
      ]),
    expected: [
      [3000, '7', true],
      [3000, 'null', true],
      [3000, 'own', true],
      [3000, '', true],
    ],
  },
  {
    title: 'a reason that does not become a string throws a TypeError, and closes nothing',
    run: (subject) => refused(subject, [[3000, Symbol('a')]]),
    expected: [['TypeError', 1]],
  },
  {
    title: 'of a wrong code and a wrong reason, the code is complained of',
    run: (subject) => refused(subject, [[999, 'x'.repeat(124)]]),
    expected: invalid(1),
  },
  {
    title: 'wrong arguments throw while connecting, too, and it goes on connecting',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/echo'))
      const results = [thrown(() => socket.close(999)), thrown(() => socket.close(3000, 'x'.repeat(124)))]
      results.push(`${socket.readyState}`)
      return [...results, (await opened(socket)).readyState]
    },
    expected: ['DOMException InvalidAccessError', 'DOMException SyntaxError', '0', 1],
  },
  {
    title: 'wrong arguments throw while closing and when closed, too',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/echo')))
      const end = closed(socket)
      const results = [thrown(() => socket.close(999))]
      await end
      return [...results, thrown(() => socket.close(999)), thrown(() => socket.close(3000, 'x'.repeat(124)))]
    },
    expected: [
      'DOMException InvalidAccessError',
      'DOMException InvalidAccessError',
      'DOMException SyntaxError',
    ],
  },
]
