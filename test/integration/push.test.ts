/** The push socket over real connections: what a client is told, in what order, and what it may send. */
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createServer, type InlineConfig, preview } from 'vite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { Token } from '../../src/core/index.js'
import type { HubOptions } from '../../src/hub/index.js'
import { newToken, openRegistry, type Registration } from '../../src/registry/index.js'
import { wsyard } from '../../src/vite/index.js'
import { startHub } from '../support/hub.js'
import { createTestHome } from '../support/processes.js'
import { createPushClient, type PushClient } from '../support/push-client.js'
import { seededRandom } from '../support/seeded-random.js'

/** For what is asked many times. */
const often = { interval: 5 }

/** A hub, and a registry beside it, as another process would have one. */
async function setUp(options: Omit<HubOptions, 'registry'> = {}) {
  const home = createTestHome()
  onTestFinished(() => home[Symbol.asyncDispose]())
  const registry = openRegistry({ home: home.path })
  home.onCleanUp(() => registry.close())
  const hub = await startHub(home, options)
  const newClient = (): PushClient => {
    const client = createPushClient(() => hub.webSocketUrl)
    home.onCleanUp(() => client.socket.terminate())
    return client
  }
  return { home, hub, registry, newClient }
}

const types = (client: PushClient): string[] => client.messages.map(({ type }) => type)

describe('a client of the push socket', () => {
  it('is told the list, and then what comes, changes and goes, as the snapshot has it', async () => {
    const { hub, registry, newClient } = await setUp()
    const early = await registry.register({ port: 8080, name: 'early', meta: { role: 'x' } })
    await expect.poll(hub.ids).toEqual([early.id])
    const client = newClient()
    await client.connect()
    await expect.poll(() => types(client)).toEqual(['snapshot'])
    const { servers } = (await (await hub.snapshot()).json()) as { servers: unknown[] }
    expect(client.messages[0]).toMatchObject({ entries: servers })
    expect(`"${client.last?.epoch}.${client.last?.revision}"`).toBe(
      (await hub.snapshot()).headers.get('etag'),
    )

    const late = await registry.register({ port: 8081, auth: 'token' })
    await expect.poll(client.ids).toEqual([early.id, late.id].sort())
    await early.close()
    await expect.poll(client.ids).toEqual([late.id])
    const { machine: _, processStart: _start, token, ...server } = late.entry
    expect(client.messages[1]).toMatchObject({ type: 'change', changes: [{ type: 'added', entry: server }] })
    expect(client.messages.at(-1)).toMatchObject({ changes: [{ type: 'removed', reason: 'deregistered' }] })
    expect(JSON.stringify(client.messages)).not.toContain(token?.reveal() ?? 'a token was expected')
    expect(client.complaints).toEqual([])
    expect(client.socket.protocol).toBe('wsyard.v1')
    expect(client.socket.extensions).toBe('')
  })

  it('that comes back is told what it has missed, each once', async () => {
    const { registry, newClient } = await setUp()
    const [client, witness] = [newClient(), newClient()]
    await Promise.all([client.connect(), witness.connect()])
    await expect.poll(() => client.last).toBeDefined()
    await client.drop()
    const first = await registry.register({ port: 8080 })
    const second = await registry.register({ port: 8081 })
    await first.close()
    await expect.poll(witness.ids).toEqual([second.id])
    await client.connect()
    await expect.poll(() => client.last).toEqual(witness.last)
    expect(client.messages).toEqual(witness.messages)
    await client.drop()
    await client.connect()
    await expect.poll(() => types(client).at(-1)).toBe('bookmark')
    expect([...client.complaints, ...witness.complaints]).toEqual([])
  })

  it.each([
    'epoch=0&revision=0',
    'epoch=<last>&revision=99',
    'epoch=<last>&revision=-1',
    'revision',
    '%',
    '&&=?',
  ])('that comes back with what the hub does not know is told the list: %s', async (query) => {
    const { hub, newClient } = await setUp()
    const known = newClient()
    await known.connect()
    await expect.poll(() => known.last).toBeDefined()
    const url = `${hub.webSocketUrl}?${query.replace('<last>', known.last?.epoch ?? '')}`
    const client = createPushClient(() => url)
    await client.connect()
    await expect.poll(() => client.messages).toEqual(known.messages)
    await client.drop()
  })

  it('misses nothing in 50 reconnects while servers come and go, and is told nothing twice (seeded)', async () => {
    const { registry, hub, newClient } = await setUp()
    const random = seededRandom(4)
    const [witness, resuming, mixed] = [newClient(), newClient(), newClient()]
    const clients = [witness, resuming, mixed]
    await Promise.all(clients.map((client) => client.connect()))
    await expect.poll(() => clients.every(({ last }) => last !== undefined)).toBe(true)

    const registrations: Registration[] = []
    const comeOrGo = async (): Promise<void> => {
      const leaving = registrations.length > 8 ? registrations.splice(random.below(8), 1)[0] : undefined
      if (leaving === undefined)
        registrations.push(await registry.register({ port: 1 + random.below(60_000) }))
      else await leaving.close()
      if (random.below(3) === 0) await setImmediate()
    }
    const churn = async (until: Promise<unknown>): Promise<void> => {
      let isOver = false
      void until.finally(() => {
        isOver = true
      })
      while (!isOver) await comeOrGo()
    }
    const reconnect = async (client: PushClient, from: 'there' | 'anew'): Promise<void> => {
      const count = client.messages.length + random.below(4)
      await client.drop()
      for (let some = random.below(5); some > 0; some -= 1) await comeOrGo()
      await client.connect(from)
      await expect.poll(() => client.messages.length, often).toBeGreaterThan(count)
    }
    for (let round = 0; round < 50; round += 1) {
      const from = random.pick(['there', 'anew'] as const)
      await churn(Promise.all([reconnect(resuming, 'there'), reconnect(mixed, from)]))
    }

    const expected = registrations.map(({ id }) => id).sort()
    for (const client of clients) {
      await expect.poll(client.ids).toEqual(expected)
      expect(client.complaints).toEqual([])
    }
    const told = (client: PushClient) => client.messages.filter(({ type }) => type !== 'bookmark')
    await expect.poll(() => witness.last).toEqual(resuming.last)
    expect(told(resuming)).toEqual(told(witness))
    expect(types(resuming).filter((type) => type === 'snapshot')).toHaveLength(1)
    expect(types(mixed).filter((type) => type === 'snapshot').length).toBeGreaterThan(5)
    expect(await hub.ids()).toEqual(expected)
  })

  it('is told of a removal that falls together with its coming', async () => {
    const { registry, newClient } = await setUp()
    const [fresh, resuming] = [newClient(), newClient()]
    await Promise.all([fresh.connect(), resuming.connect()])
    for (let round = 0; round < 30; round += 1) {
      const registration = await registry.register({ port: 8080 })
      const both = () => [...fresh.ids(), ...resuming.ids()]
      await expect.poll(both, often).toEqual([registration.id, registration.id])
      await Promise.all([fresh.drop(), resuming.drop()])
      const coming = [fresh.connect('anew'), resuming.connect()]
      for (let turns = round % 6; turns > 0; turns -= 1) await setImmediate()
      await Promise.all([registration.close(), ...coming])
      await expect.poll(both, often).toEqual([])
      const last = resuming.messages.findLast(({ type }) => type === 'change')
      expect(last).toMatchObject({ changes: [{ type: 'removed', entry: { id: registration.id } }] })
    }
    expect([...fresh.complaints, ...resuming.complaints]).toEqual([])
  })

  it('brings its token as a subprotocol, of which the answer says nothing', async () => {
    const token = new Token(newToken())
    const { hub } = await setUp({ token })
    const client = createPushClient(() => hub.webSocketUrl, [`wsyard.bearer.${token.reveal()}`, 'wsyard.v1'])
    await client.connect()
    expect(client.socket.protocol).toBe('wsyard.v1')
    await client.drop()
    await expect(createPushClient(() => hub.webSocketUrl).connect()).rejects.toThrow('401')
  })

  it('without the subprotocol, or one too many, is refused', async () => {
    const { hub, newClient } = await setUp({ maxSubscribers: 1 })
    await newClient().connect()
    const refusal = (protocols: string[]) => createPushClient(() => hub.webSocketUrl, protocols).connect()
    await expect(refusal([])).rejects.toThrow('400')
    await expect(refusal(['wsyard.v2'])).rejects.toThrow('400')
    await expect(refusal(['wsyard.v1'])).rejects.toThrow('503')
  })

  it('that closes is answered with 1000', async () => {
    const { newClient } = await setUp()
    const client = newClient()
    await client.connect()
    client.socket.close(4321, 'enough')
    expect((await once(client.socket, 'close'))[0]).toBe(1000)
  })

  it('has its pings answered with what they held', async () => {
    const { newClient } = await setUp()
    const client = newClient()
    await client.connect()
    client.socket.ping('are you there')
    expect(String((await once(client.socket, 'pong'))[0])).toBe('are you there')
  })
})

describe('Vite', () => {
  it.each(['dev', 'preview'])('closes while pages follow the registry (%s)', async (mode) => {
    await using home = createTestHome()
    const root = join(home.path, '..', 'site')
    mkdirSync(join(root, 'dist'), { recursive: true })
    const config: InlineConfig = {
      root,
      configFile: false,
      logLevel: 'silent',
      plugins: [wsyard({ home: home.path })],
    }
    const at = { port: 0, host: '127.0.0.1' }
    const vite =
      mode === 'dev'
        ? await createServer({ ...config, server: at })
        : await preview({ ...config, preview: at })
    if ('listen' in vite) await vite.listen()
    const client = createPushClient(() => `${vite.resolvedUrls?.local[0]?.replace('http', 'ws')}api/registry`)
    await client.connect()
    await expect.poll(() => types(client)).toEqual(['snapshot'])
    await Promise.all([once(client.socket, 'close'), vite.close()])
  })
})

describe('hostile frames', () => {
  const masked = (first: number, length: number) =>
    Buffer.from([first, 0x80 | length, 0, 0, 0, 0, ...Buffer.alloc(length)])
  const mask = '00000000'
  it.each([
    ['an unmasked ping', '8900', 1002],
    ['an unmasked text', '810161', 1002],
    ['reserved bits', `c980${mask}`, 1002],
    ['an opcode that there is none of', `8b80${mask}`, 1002],
    ['a ping of 126 bytes', `89fe007e${mask}`, 1002],
    ['a ping in parts', `0980${mask}`, 1002],
    ['a continuation of nothing', `8080${mask}`, 1002],
    ['a close with one byte', `8881${mask}03`, 1002],
    ['a close with 1005', `8882${mask}03ed`, 1002],
    ['a close with 0', `8882${mask}0000`, 1002],
    ['a text', `8181${mask}61`, 1003],
    ['binary data', `8281${mask}61`, 1003],
    ['16 EiB of data, announced', `82ffffffffffffffffff${mask}`, 1003],
    ['a ping, and then a text', `8980${mask}8181${mask}61`, 1003],
    ['a close, and then a text', `8882${mask}03e88181${mask}61`, 1000],
  ])('close their sender, and harm no other: %s', async (_what, hex, code) => {
    const { hub, registry, newClient } = await setUp()
    const other = newClient()
    await other.connect()
    const { socket, closedWith } = await connectRaw(hub.webSocketUrl)
    for (const byte of Buffer.from(hex, 'hex')) socket.write(Buffer.from([byte]))
    expect(await closedWith).toBe(code)
    const { id } = await registry.register({ port: 8080 })
    await expect.poll(other.ids).toEqual([id])
    expect(other.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('without an end harm no other', async () => {
    const { hub, registry, newClient } = await setUp()
    const other = newClient()
    await other.connect()
    const [half, flood] = [await connectRaw(hub.webSocketUrl), await connectRaw(hub.webSocketUrl)]
    half.socket.write(masked(0x89, 100).subarray(0, 50))
    flood.socket.pause()
    for (let count = 0; count < 200; count += 1) {
      flood.socket.write(Buffer.concat(Array.from({ length: 100 }, () => masked(0x89, 125))))
    }
    const { id } = await registry.register({ port: 8080 })
    await expect.poll(other.ids).toEqual([id])
    for (const { socket } of [half, flood]) socket.destroy()
  })
})

/** A connection whose frames the test makes. Resolves when it is open; `closedWith` to the code it is closed with. */
async function connectRaw(url: string): Promise<{ socket: Socket; closedWith: Promise<number | undefined> }> {
  const { hostname, port, pathname, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  const heard: Buffer[] = []
  socket.on('data', (chunk) => heard.push(chunk))
  socket.on('error', () => {})
  const closedWith = once(socket, 'close').then(() => {
    const bytes = Buffer.concat(heard)
    return bytes.at(-4) === 0x88 ? bytes.readUInt16BE(bytes.length - 2) : undefined
  })
  const lines = [
    `GET ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: wsyard.v1',
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  await once(socket, 'data')
  return { socket, closedWith }
}
