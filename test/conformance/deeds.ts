/** What the server of the cases does when a case asks for it, by name: sends, closes, and breaks the protocol. */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

export const large = 3 * 1024 * 1024
export const many = 1000

/** @param url may have more to say in its query */
export type Deed = (socket: WebSocket, url: string) => void

/** Bytes that are no frame that `ws` would send. */
const raw =
  (...bytes: number[]): Deed =>
  (socket) => {
    const { _socket } = socket as unknown as { _socket: Duplex }
    _socket.write(Buffer.from(bytes))
  }

export const deeds: Readonly<Record<string, Deed>> = {
  text: (socket) => socket.send('text'),
  binary: (socket) => socket.send(Buffer.from([1, 2, 3])),
  empty(socket) {
    socket.send('')
    socket.send(Buffer.alloc(0))
  },
  'large-text': (socket) => socket.send('x'.repeat(large)),
  'large-binary': (socket) => socket.send(Buffer.alloc(large, 7)),
  many(socket) {
    for (let number = 0; number < many; number++) socket.send(`${number}`)
  },
  fragments(socket) {
    socket.send('one ', { fin: false })
    socket.send('two ', { fin: false })
    socket.send('three')
  },
  ping(socket) {
    socket.once('pong', (data) => socket.send(`pong ${data}`))
    socket.ping('hello')
  },
  close(socket, url) {
    const { searchParams } = new URL(url, 'http://any')
    const code = searchParams.get('code')
    if (code === null) socket.close()
    else socket.close(Number(code), searchParams.get('reason') ?? undefined)
  },
  'send-and-close'(socket) {
    for (const text of ['one', 'two', 'three']) socket.send(text)
    socket.close(4000, 'done')
  },
  drop: (socket) => socket.terminate(),
  'text-that-is-no-utf-8': raw(0x81, 2, 0xc3, 0x28),
  'masked-frame': raw(0x81, 0x81, 0, 0, 0, 0, 0x61),
  'unknown-opcode': raw(0x83, 0),
  'reserved-bit': raw(0xc1, 1, 0x61),
  'continuation-of-nothing': raw(0x80, 1, 0x61),
}
