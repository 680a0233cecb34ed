/** Connections that cannot be made, or break: `error` first where the standard has one, then `close` with 1006. */
import { aWhile, type Case, logged, next, opened, type Subject, said } from '../observe.js'

/** The events of a connection that is to fail, and how it ends. */
async function failed(subject: Subject, path: string): Promise<unknown[]> {
  const socket = new subject.WebSocket(subject.at(path))
  const log: unknown[] = logged(socket)
  const end = said(await next(socket, 'close'))
  await aWhile(subject)
  return [...log, end]
}

/** The same of one that the server breaks, and the code by which the server is told why. */
async function broken(subject: Subject, deed: string): Promise<unknown[]> {
  const path = `/now/${deed}`
  return [...(await failed(subject, path)), (await subject.heard(path)).code]
}

const abnormally = { code: 1006, reason: '', wasClean: false }
const neverOpen = ['error 3', 'close 3', abnormally]
const openThenFailed = ['open 1', 'error 3', 'close 3', abnormally]

export const failing: readonly Case[] = [
  ...[401, 403, 404, 500, 200, 302].map((status) => ({
    title: `a handshake that is answered with ${status} fails`,
    run: (subject: Subject) => failed(subject, `/refuse/${status}`),
    expected: neverOpen,
  })),
  {
    title: 'a handshake that is answered with a hang-up fails',
    run: (subject) => failed(subject, '/hang-up'),
    expected: neverOpen,
  },
  {
    title: 'a connection that is dropped without a close frame ends with 1006, and no error',
    run: (subject) => failed(subject, '/now/drop'),
    expected: ['open 1', 'close 3', abnormally],
  },
  {
    // Chromium tells the server 1002; the protocol has 1007 for it.
    title: 'a text that is no UTF-8 fails the connection',
    run: (subject) => broken(subject, 'text-that-is-no-utf-8'),
    expected: [...openThenFailed, 1002],
  },
  {
    title: 'a masked frame of the server fails the connection',
    run: (subject) => broken(subject, 'masked-frame'),
    expected: [...openThenFailed, 1002],
  },
  {
    title: 'a frame of an unknown kind fails the connection',
    run: (subject) => broken(subject, 'unknown-opcode'),
    expected: [...openThenFailed, 1002],
  },
  {
    title: 'a reserved bit that nothing was agreed on for fails the connection',
    run: (subject) => broken(subject, 'reserved-bit'),
    expected: [...openThenFailed, 1002],
  },
  {
    title: 'a continuation of nothing fails the connection',
    run: (subject) => broken(subject, 'continuation-of-nothing'),
    expected: [...openThenFailed, 1002],
  },
  {
    title: 'a handler of the error sees what the close handler sees',
    async run({ WebSocket, at, named }) {
      const socket = new WebSocket(at('/refuse/401'))
      const seen: unknown[] = []
      socket.onerror = () =>
        seen.push([socket.readyState, named(socket.url), socket.protocol, socket.bufferedAmount])
      socket.onclose = () =>
        seen.push([socket.readyState, named(socket.url), socket.protocol, socket.bufferedAmount])
      await next(socket, 'close')
      return seen
    },
    expected: Array(2).fill([3, 'ws://server/refuse/401', '', 0]),
  },
  {
    title: 'a failure leaves other sockets alone',
    async run({ WebSocket, at }) {
      const good = await opened(new WebSocket(at('/echo')))
      await next(new WebSocket(at('/refuse/404')), 'close')
      await next(new WebSocket(at('/now/drop')), 'close')
      good.send('still here')
      return (await next(good, 'message')).data
    },
    expected: 'still here',
  },
]
