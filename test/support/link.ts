/**
 * A network that a test can cut, between this process and a port of this machine.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Cut, it lets nobody through, and has ended what was under way. */
export interface Link extends AsyncDisposable {
  /** As `127.0.0.1:2379`. */
  readonly host: string
  /** How many have been turned away. */
  turnedAway(): number
  cut(): void
  mend(): void
}

export async function openLink(url: string): Promise<Link> {
  const sockets = new Set<Socket>()
  let isCut = false
  let turnedAway = 0
  const server = createServer((socket) => {
    if (isCut) {
      turnedAway += 1
      socket.destroy()
      return
    }
    const onward = connect(Number(new URL(url).port), '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    for (const one of [socket, onward]) {
      sockets.add(one)
      one
        .on('error', () => {})
        .on('close', () => {
          for (const both of [socket, onward]) both.destroy()
          sockets.delete(one)
        })
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const cut = (): void => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    host: `127.0.0.1:${port}`,
    turnedAway: () => turnedAway,
    cut,
    mend() {
      isCut = false
    },
    async [Symbol.asyncDispose]() {
      cut()
      await once(server.close(), 'close')
    },
  }
}
