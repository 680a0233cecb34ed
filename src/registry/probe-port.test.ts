import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Entry } from '../core/index.js'
import { isProbeable, probePort, probeServer } from './probe-port.js'

const servers: Server[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

async function listen(
  host: string,
  onSocket = (socket: Socket): unknown => socket.destroy(),
): Promise<number> {
  const server = createServer(onSocket).listen(0, host)
  servers.push(server.on('connection', (socket) => sockets.push(socket)))
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

it.each(['127.0.0.1', '::1', '::'])('finds a server that listens on %s alone', async (host) => {
  expect(await probePort(await listen(host))).toBe('accepted')
})

it('tells a port on which nothing listens in either family', async () => {
  const port = await listen('127.0.0.1')
  await new Promise((resolve) => servers.pop()?.close(resolve))
  expect(await probePort(port)).toBe('refused')
})

it('answers for each of more ports than it asks at once', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => listen('127.0.0.1')))
  expect(await Promise.all(ports.map(probePort))).toEqual(ports.map(() => 'accepted'))
})

describe('asking a server', () => {
  const entry = (port: number, fields: Partial<Entry> = {}): Entry => ({
    id: 'a',
    port,
    pid: 1,
    state: 'up',
    ...fields,
  })
  const ask = (port: number, fields?: Partial<Entry>) => probeServer(entry(port, fields), 2000)

  it.each([
    ['answers', (socket: Socket) => socket.end('HTTP/1.1 426 Upgrade Required\r\n\r\n'), true],
    ['says something else altogether', (socket: Socket) => socket.write('SSH-2.0'), true],
    ['hangs up', (socket: Socket) => socket.end(), true],
    ['hangs up rudely', (socket: Socket) => socket.resetAndDestroy(), true],
    ['says nothing', () => {}, false],
  ])('that %s', async (_what, onSocket, expected) => {
    expect(await ask(await listen('127.0.0.1', onSocket))).toBe(expected)
  })

  it.each(['127.0.0.1', '::1'])('that listens on %s alone, wherever it says it is', async (address) => {
    const port = await listen(address)
    for (const host of [undefined, 'localhost', '0.0.0.0', '::', address]) {
      expect(await ask(port, host === undefined ? {} : { host })).toBe(true)
    }
  })

  it('that nobody is', async () => {
    const port = await listen('127.0.0.1')
    await new Promise((resolve) => servers.pop()?.close(resolve))
    expect(await ask(port)).toBe(false)
  })

  it('sends a whole request for its path and nothing secret', async () => {
    let heard = ''
    const port = await listen('127.0.0.1', (socket) => {
      socket.on('data', (chunk) => {
        heard += chunk
        if (heard.endsWith('\r\n\r\n')) socket.end()
      })
    })
    await ask(port, { path: '/ws?x=1' })
    expect(heard).toBe(
      `GET /ws?x=1 HTTP/1.1\r\nHost: localhost:${port}\r\nUser-Agent: wsyard\r\nConnection: close\r\n\r\n`,
    )
  })

  it.each([
    [undefined, true],
    ['127.0.0.1', true],
    ['::', true],
    ['10.0.0.1', false],
    ['example.com', false],
  ])('is for this machine alone (host %s: %s)', (host, expected) => {
    expect(isProbeable(entry(1, host === undefined ? {} : { host }))).toBe(expected)
  })
})
