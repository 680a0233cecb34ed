import { once } from 'node:events'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createMemoryRegistry } from '../../src/registry/index.js'
import { createServer, type ServerOptions } from '../../src/server/index.js'

const open = (options: ServerOptions = {}) => {
  const registry = createMemoryRegistry()
  return createServer({
    registry,
    auth: 'open',
    onConnection: (socket) => socket.on('message', (data) => socket.send(`Echo: ${data}`)),
    ...options,
  })
}

describe('createServer', () => {
  it('listens on a free loopback port, registers it, and speaks', async () => {
    const registry = createMemoryRegistry()
    await using server = await open({ registry, name: 'worker-a', meta: { role: 'test' }, path: '/ws' })
    expect(await registry.list()).toMatchObject([
      {
        id: server.id,
        port: server.port,
        host: '127.0.0.1',
        name: 'worker-a',
        meta: { role: 'test' },
        path: '/ws',
      },
    ])
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`)
    await once(socket, 'open')
    socket.send('hello')
    const [data] = await once(socket, 'message')
    expect(String(data)).toBe('Echo: hello')
    expect(server.clients.size).toBe(1)
    socket.close()
    await once(socket, 'close')
  })

  it('deregisters, closes its connections with 1001 and stops listening when it is closed, twice if need be', async () => {
    const registry = createMemoryRegistry()
    const server = await open({ registry })
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await Promise.all([server.close(), server.close()])
    expect((await closed)[0]).toBe(1001)
    expect(await registry.list()).toEqual([])
    const late = new WebSocket(`ws://127.0.0.1:${server.port}`)
    expect((await once(late, 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it.each([
    [{ origin: 'http://localhost:5173' }, 101],
    [{ origin: 'http://127.0.0.1:9' }, 101],
    [{}, 101],
    [{ origin: 'https://app.example' }, 101],
    [{ origin: 'https://evil.test' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost.evil.test' }, 403],
    [{ host: 'evil.test' }, 403],
    [{ host: '[::1' }, 403],
    [{ host: 'localhost6' }, 403],
  ])('answers a handshake with %o by %i', async (headers, status) => {
    await using server = await open({ origins: ['https://app.example'] })
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}`, { headers })
    const answer = await Promise.race([
      once(socket, 'upgrade').then(() => 101),
      once(socket, 'unexpected-response').then(([, response]) => response.statusCode),
    ])
    expect(answer).toBe(status)
    socket.on('error', () => {})
    socket.terminate()
  })

  it('says which option would allow a page that it refuses', async () => {
    await using server = await open()
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}`, { origin: 'https://evil.test' })
    const [, response] = await once(socket, 'unexpected-response')
    const [body] = await once(response, 'data')
    expect(JSON.parse(String(body))).toEqual({
      error: {
        code: 'ORIGIN_NOT_ALLOWED',
        message:
          'Origin "https://evil.test" is not a page of this machine: add it to the option origins of createServer to let it in.',
      },
    })
    socket.on('error', () => {})
    socket.terminate()
  })

  it('answers plain HTTP with 426', async () => {
    await using server = await open()
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(426)
  })

  it('closes a connection whose message is over the limit with 1009, and serves the others', async () => {
    await using server = await open({ maxPayloadBytes: 100 })
    const [big, small] = [
      new WebSocket(`ws://127.0.0.1:${server.port}`),
      new WebSocket(`ws://127.0.0.1:${server.port}`),
    ]
    await Promise.all([once(big, 'open'), once(small, 'open')])
    big.send('x'.repeat(101))
    expect((await once(big, 'close'))[0]).toBe(1009)
    small.send('x')
    expect(String((await once(small, 'message'))[0])).toBe('Echo: x')
    small.close()
  })

  it('names the port and the next step when it is taken, and registers nothing', async () => {
    const taken = createNetServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const registry = createMemoryRegistry()
    await expect(open({ registry, port })).rejects.toMatchObject({
      code: 'WSYARD_ERR_LISTEN_FAILED',
      message: expect.stringMatching(new RegExp(`port ${port}.*Choose another port`)),
    })
    expect(await registry.list()).toEqual([])
    taken.close()
  })

  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.test', ''])('refuses to listen on %j', async (host) => {
    await expect(open({ host })).rejects.toThrow(TypeError)
  })

  it('refuses origins that are not origins', async () => {
    await expect(open({ origins: ['*'] })).rejects.toThrow(TypeError)
  })

  it.each([
    { port: -1 },
    { port: 65_536 },
    { port: 1.5 },
    { maxPayloadBytes: 0 },
    { maxPayloadBytes: Number.NaN },
  ])('refuses %j, saying what it may be', async (option) => {
    await expect(open(option)).rejects.toThrow(`${Object.keys(option)[0]} must be an integer from`)
  })

  it('does not go on listening when it cannot be registered', async () => {
    await expect(open({ name: 'two words' })).rejects.toMatchObject({ code: 'WSYARD_ERR_ENTRY_INVALID' })
  })
})
