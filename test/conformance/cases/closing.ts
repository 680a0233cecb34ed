/** How a connection ends, by the page and by the server. */
import { aWhile, type Case, closed, logged, next, opened, type Subject, said } from '../observe.js'

/** How a connection ends that the server closes, and what it heard of that. */
async function closedByServer({ WebSocket, at, heard }: Subject, query: string): Promise<unknown[]> {
  const path = `/now/close${query}`
  const socket = new WebSocket(at(path))
  const log = logged(socket)
  const end = said(await next(socket, 'close'))
  return [log, end, (await heard(path)).code]
}

const cleanly = ['open 1', 'close 3']

export const closing: readonly Case[] = [
  {
    title: 'a second close() changes nothing',
    async run(subject) {
      const { WebSocket, at, heard } = subject
      const socket = await opened(new WebSocket(at('/echo?twice')))
      const log = logged(socket)
      const end = next(socket, 'close')
      socket.close(3000, 'first')
      socket.close(4000, 'second')
      const event = said(await end)
      socket.close(4001)
      await aWhile(subject)
      return [log, event, (await heard('/echo?twice')).code]
    },
    expected: [['close 3'], { code: 3000, reason: 'first', wasClean: true }, 3000],
  },
  {
    title: 'close() when closed does nothing',
    async run(subject) {
      const { WebSocket, at } = subject
      const socket = await opened(new WebSocket(at('/echo')))
      await closed(socket)
      const log = logged(socket)
      socket.close()
      const states = [socket.readyState]
      await aWhile(subject)
      return [...states, socket.readyState, log]
    },
    expected: [3, 3, []],
  },
  {
    title: 'close() while connecting ends in an error and a close, and no open',
    async run(subject) {
      const { WebSocket, at } = subject
      const socket = new WebSocket(at('/silent'))
      const log: unknown[] = logged(socket)
      const end = next(socket, 'close')
      socket.close()
      log.push(socket.readyState)
      const event = said(await end)
      await aWhile(subject)
      return [...log, event]
    },
    expected: [2, 'error 3', 'close 3', { code: 1006, reason: '', wasClean: false }],
  },
  {
    title: 'close() right after the constructor does the same, with whatever code',
    async run(subject) {
      const { WebSocket, at } = subject
      const socket = new WebSocket(at('/echo'))
      const log: unknown[] = logged(socket)
      const end = next(socket, 'close')
      socket.close(3000, 'never mind')
      const event = said(await end)
      await aWhile(subject)
      return [...log, event]
    },
    expected: ['error 3', 'close 3', { code: 1006, reason: '', wasClean: false }],
  },
  {
    title: 'close() in the open handler closes it cleanly',
    async run({ WebSocket, at, heard }) {
      const socket = new WebSocket(at('/echo?open'))
      const log: unknown[] = logged(socket)
      socket.onopen = () => {
        socket.close(3000)
        log.push(socket.readyState)
      }
      const event = said(await next(socket, 'close'))
      return [...log, event, (await heard('/echo?open')).code]
    },
    expected: ['open 1', 2, 'close 3', { code: 3000, reason: '', wasClean: true }, 3000],
  },
  {
    title: 'close() in a message handler keeps the messages behind it from the page',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/many')))
      const log: string[] = []
      socket.onmessage = ({ data }) => {
        log.push(`${data} ${socket.readyState}`)
        if (data === '2') socket.close(3000)
      }
      socket.send('')
      const { code } = await next(socket, 'close')
      return [log, code]
    },
    expected: [['0 1', '1 1', '2 1'], 3000],
  },
  {
    title: 'close() in the close and error handlers does nothing',
    async run(subject) {
      const { WebSocket, at } = subject
      const socket = new WebSocket(at('/refuse/404'))
      const log = logged(socket)
      socket.onerror = () => socket.close()
      socket.onclose = () => socket.close(3000)
      await next(socket, 'close')
      await aWhile(subject)
      return log
    },
    expected: ['error 3', 'close 3'],
  },
  {
    title: 'a new socket made in the close handler is another connection',
    async run({ WebSocket, at }) {
      const socket = new WebSocket(at('/now/close'))
      const second = await new Promise<WebSocket>((resolve) => {
        socket.onclose = () => resolve(new WebSocket(at('/echo')))
      })
      await opened(second)
      return [socket.readyState, second.readyState]
    },
    expected: [3, 1],
  },
  {
    title: 'a server that closes without a code is heard as 1005',
    run: (subject) => closedByServer(subject, ''),
    expected: [cleanly, { code: 1005, reason: '', wasClean: true }, 1005],
  },
  {
    title: 'a server that closes with a code and a reason is heard with both',
    run: (subject) => closedByServer(subject, '?code=4321&reason=bye'),
    expected: [cleanly, { code: 4321, reason: 'bye', wasClean: true }, 4321],
  },
  {
    title: 'a server may close with codes that a page may not',
    async run(subject) {
      const results: unknown[] = []
      for (const code of [1001, 1003, 1008, 1011, 1013])
        results.push((await closedByServer(subject, `?code=${code}&reason=why`))[1])
      return results
    },
    expected: [1001, 1003, 1008, 1011, 1013].map((code) => ({ code, reason: 'why', wasClean: true })),
  },
  {
    title: 'the reason of a server is read as UTF-8',
    run: (subject) => closedByServer(subject, `?code=1000&reason=${encodeURIComponent('grüße 😀')}`),
    expected: [cleanly, { code: 1000, reason: 'grüße 😀', wasClean: true }, 1000],
  },
  {
    title: 'a reason of 123 bytes comes whole',
    run: async (subject) =>
      ((await closedByServer(subject, `?code=1000&reason=${'x'.repeat(123)}`))[1] as CloseEvent).reason
        .length,
    expected: 123,
  },
  {
    title: 'messages before the close of the server come before the close event',
    async run({ WebSocket, at }) {
      const socket = await opened(new WebSocket(at('/go/send-and-close')))
      const log: string[] = []
      socket.onmessage = ({ data }) => log.push(data)
      socket.onclose = ({ code, reason }) => log.push(`${code} ${reason}`)
      socket.send('')
      await next(socket, 'close')
      return log
    },
    expected: ['one', 'two', 'three', '4000 done'],
  },
  {
    title: 'the close event comes once, and nothing after it',
    async run(subject) {
      const { WebSocket, at } = subject
      const socket = new WebSocket(at('/now/send-and-close'))
      const log = logged(socket)
      await next(socket, 'close')
      await aWhile(subject)
      return log
    },
    expected: ['open 1', 'message 1', 'message 1', 'message 1', 'close 3'],
  },
  {
    title: 'two sockets end apart',
    async run({ WebSocket, at }) {
      const [one, other] = await Promise.all([
        opened(new WebSocket(at('/echo'))),
        opened(new WebSocket(at('/echo'))),
      ])
      await closed(one)
      const states = [one.readyState, other.readyState]
      other.send('still here')
      return [...states, (await next(other, 'message')).data]
    },
    expected: [3, 1, 'still here'],
  },
]
