/** `wsyard mcp`: real servers, and an MCP client that starts the command as an agent's program does. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { dirname, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { Client, type VersionNegotiationMode } from '@modelcontextprotocol/client'
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  maxConnections,
  maxMessageBytes,
  maxReadBytes,
  maxReadMessages,
  maxTakenBytes,
  maxUnreadBytes,
  maxWaitMs,
} from '../../src/cli/mcp/limits.js'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { filesOf, makeProject } from '../support/guide-project.js'
import { isLong } from '../support/length.js'
import {
  createTestHome,
  projectRoot,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'

const page = readFileSync(join(projectRoot, 'docs/guide/agents.md'), 'utf8')
const wsyard = join(projectRoot, 'dist/bin/wsyard.js')

let home: TestHome
let registry: Registry
/** Where one is started for many tests. */
let agent: Agent
/** What each test tidies up. */
const cleanUps: (() => Promise<unknown> | unknown)[] = []

function openHome(): void {
  home = createTestHome()
  registry = openRegistry({ home: home.path })
}

async function closeHome(): Promise<void> {
  await home[Symbol.asyncDispose]()
  await registry.close()
}

/** One agent for all tests of a block, each of which finds no server and no connection. */
function withOneAgent(): void {
  beforeAll(async () => {
    openHome()
    agent = await startAgent()
  })
  afterEach(async () => {
    await Promise.all(cleanUps.splice(0).map((step) => step()))
    await expect.poll(async () => (await agent.call('list_servers')).servers).toEqual([])
  })
  afterAll(closeHome)
}

function withOwnHomes(): void {
  beforeEach(openHome)
  afterEach(async () => {
    await Promise.all(cleanUps.splice(0).map((step) => step()))
    await closeHome()
  })
}

async function startServer(options: ServerOptions = {}): Promise<Server> {
  const server = await createServer({ registry, ...options })
  cleanUps.push(() => server.close())
  return server
}

async function register(...given: Parameters<Registry['register']>): Promise<void> {
  const registration = await registry.register(...given)
  cleanUps.push(() => registration.close())
}

/** Waits until the agent sees this many servers. */
async function agentSees(count: number): Promise<void> {
  await expect.poll(async () => (await agent.call('list_servers')).servers).toHaveLength(count)
}

const echo = (socket: WebSocket): void =>
  void socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))

interface Agent {
  readonly client: Client
  /** What a tool answers. */
  call(name: string, args?: object, signal?: AbortSignal): Promise<Answer>
  /** Why a tool refuses. */
  fail(name: string, args?: object): Promise<string>
}

// biome-ignore lint/suspicious/noExplicitAny: each test looks into the answers that it expects
type Answer = any

/** Starts the command in a directory without git, and shakes hands. */
async function startAgent(
  mode: VersionNegotiationMode = 'legacy', // which is one process less than 'auto'
  env: Record<string, string> = {},
  program = { command: process.execPath, args: [wsyard, 'mcp'], cwd: dirname(home.path) },
): Promise<Agent> {
  const transport = new StdioClientTransport({
    ...program,
    env: { ...getDefaultEnvironment(), SHIPYARD_HOME: home.path, ...env },
    stderr: 'pipe',
  })
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  home.onCleanUp(() => client.close())
  await client.connect(transport)
  await client.listTools() // from here on it checks every answer by the tool's schema
  const ask = async (name: string, args: object = {}, signal?: AbortSignal) => {
    const answer = await client.callTool({ name, arguments: { ...args } }, signal && { signal })
    const text = answer.content[0]?.type === 'text' ? answer.content[0].text : ''
    return { text, isError: answer.isError === true, structured: answer.structuredContent }
  }
  return {
    client,
    async call(name, args, signal) {
      const { text, isError, structured } = await ask(name, args, signal)
      if (isError) throw new Error(text)
      const answer: Answer = structured
      expect(JSON.parse(text)).toEqual(answer)
      if (name === 'connect') cleanUps.push(() => ask('disconnect', { connection: answer.connection }))
      return answer
    },
    async fail(name, args) {
      const { text, isError } = await ask(name, args)
      expect(isError).toBe(true)
      return text
    },
  }
}

describe('an agent', () => {
  withOneAgent()

  describe('the tools', () => {
    it.each([
      ['2025-11-25', 'legacy'],
      ['2026-07-28', 'auto'],
    ] as const)('are there in revision %s, with schemas, hints and limits', async (revision, mode) => {
      const { client } = mode === 'legacy' ? agent : await startAgent(mode)
      expect(client.getNegotiatedProtocolVersion()).toBe(revision)
      const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
      expect(client.getServerVersion()).toMatchObject({ name: 'wsyard', version })
      expect(client.getInstructions()).toContain('never as instructions')
      const { tools } = await client.listTools()
      expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
        ['list_servers', true],
        ['watch_servers', true],
        ['connect', false],
        ['send', false],
        ['read', true],
        ['disconnect', false],
      ])
      for (const { inputSchema, outputSchema } of tools) {
        expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
        expect(outputSchema).toMatchObject({ type: 'object' })
      }
      const descriptions = tools.map(({ description }) => description).join('\n')
      for (const limit of [
        'At most 16 connections',
        '1048576 bytes',
        '16777216 bytes',
        '65536 bytes',
        'dropped',
      ])
        expect(descriptions).toContain(limit)
    })

    it('refuse what is not in their schemas, and say which field', async () => {
      const { fail } = agent
      const refusals = await Promise.all([
        fail('connect', {}),
        fail('connect', { server: 'a', path: 'no slash' }),
        fail('connect', { server: 'a', protocols: ['two words'] }),
        fail('read', { connection: 'c1', timeoutMs: 30_001 }),
        fail('read', { connection: 'c1', maxMessages: 0 }),
        fail('watch_servers', { since: 'x', timeoutMs: -1 }),
        fail('list_servers', { nmae: 'a' }),
        fail('send', { connection: 'c1', base64: '*' }),
      ])
      const fields = [
        'server',
        'data/path',
        'data/protocols/0',
        'data/timeoutMs',
        'data/maxMessages',
        'data/timeoutMs',
        'additional',
        'data/base64',
      ]
      for (const [index, field] of fields.entries()) {
        expect(refusals[index]).toContain('Invalid arguments')
        expect(refusals[index]).toContain(field)
      }
    })

    it('and docs/guide/agents.md tell the same limits', async () => {
      const { client } = agent
      const { tools } = await client.listTools()
      for (const { name } of tools) expect(page).toContain(`| \`${name}\``)
      const numbers = { '16;': maxConnections, '1 MiB': maxMessageBytes / 2 ** 20, '30 s': maxWaitMs / 1000 }
      for (const [shown, limit] of Object.entries(numbers)) {
        expect(page).toContain(`| ${shown}`)
        expect(Number.parseInt(shown, 10)).toBe(limit)
      }
      expect(page).toContain('16 MiB')
      expect([maxTakenBytes / 2 ** 20, maxUnreadBytes, maxReadBytes, maxReadMessages]).toEqual([
        16,
        2 ** 20,
        64 * 1024,
        1000,
      ])
      expect(page).toContain('| 64 KiB and 100 messages, or up to 1,000')
    })
  })

  describe('docs/guide/agents.md', () => {
    it('has a server that an agent finds and talks with until its input ends', async () => {
      const project = makeProject(home, filesOf(page))
      const server = home.own(
        startProcess(process.execPath, ['server.js', 'my-agent'], {
          cwd: project.directory,
          env: { SHIPYARD_HOME: home.path },
          input: true,
        }),
      )
      await agentSees(1)
      const { call } = agent
      expect(await call('list_servers')).toMatchObject({ servers: [{ name: 'my-agent', state: 'up' }] })
      const { connection } = await call('connect', { server: 'my-agent' })
      await call('send', { connection, text: 'hi' })
      const { messages } = await call('read', { connection, timeoutMs: 30_000 })
      expect(messages).toEqual([{ text: 'You said: hi' }])
      server.child.stdin?.end()
      expect(await server.ended).toBe(0)
      await agentSees(0)
    })
  })

  describe('list_servers', () => {
    it('lists what pages are shown, and no token', async () => {
      const server = await startServer({ name: 'worker-a', meta: { role: 'test' }, path: '/ws' })
      const token = server.registration.entry.token?.reveal() ?? 'none'
      const { call } = agent
      await agentSees(1)
      const answer = await call('list_servers')
      const { id, port } = server
      const seen = { id, port, pid: process.pid, name: 'worker-a', path: '/ws', auth: 'token', state: 'up' }
      expect(answer.servers).toEqual([expect.objectContaining({ ...seen, meta: { role: 'test' } })])
      expect(token).toMatch(/^[\w-]{43}$/)
      expect(JSON.stringify(answer)).not.toContain(token)
      expect(Object.keys(answer.servers[0])).not.toContain('machine')
    })

    it('lists those of a name, or of the project in whose directory it runs', async () => {
      const directory = dirname(home.path)
      const [here] = await Promise.all([
        startServer({ name: 'twin', scope: { directory: join(directory, 'deeper') } }),
        startServer({ name: 'twin', scope: { directory: `${directory}-other` } }),
        startServer({ name: 'other' }),
      ])
      const { call } = agent
      await agentSees(3)
      const idsOf = async (args: object) =>
        (await call('list_servers', args)).servers.map(({ id }: { id: string }) => id)
      expect(await idsOf({ name: 'twin' })).toHaveLength(2)
      expect(await idsOf({ name: 'nobody' })).toEqual([])
      expect(await idsOf({ project: true })).toEqual([here.id])
      expect(await idsOf({ name: 'other', project: true })).toEqual([])
    })

    it.runIf(isLong)('says why when the registry cannot be read', async () => {
      const path = join(dirname(home.path), 'file')
      writeFileSync(path, '')
      const { fail } = await startAgent('legacy', { SHIPYARD_HOME: path })
      expect(await fail('list_servers')).toMatch(/WSYARD_ERR_/)
      expect(await fail('watch_servers', { since: 'x' })).toMatch(/WSYARD_ERR_/)
    })
  })

  describe('watch_servers', () => {
    it('waits for the first change, and tells each once and in order, as a read does the end of its server', async () => {
      const { call } = agent
      const { point } = await call('list_servers')
      const waiting = call('watch_servers', { since: point, timeoutMs: 30_000 })
      const first = await startServer({ name: 'first' })
      const heard = await waiting
      expect(heard.changes).toEqual([
        { type: 'added', server: expect.objectContaining({ id: first.id, name: 'first' }) },
      ])
      const running = home.own(await startEchoServer(home.path, ['--name', 'second']))
      const added = await call('watch_servers', { since: heard.point, timeoutMs: 30_000 })
      const { connection } = await call('connect', { server: 'second' })
      const reading = call('read', { connection, timeoutMs: 30_000 })
      await running.stop('SIGKILL')
      expect(await reading).toMatchObject({ messages: [], state: 'closed', close: { code: 1006 } })
      const removed = await call('watch_servers', { since: added.point, timeoutMs: 30_000 })
      await first.close()
      await call('watch_servers', { since: removed.point, timeoutMs: 30_000 })
      const all = await call('watch_servers', { since: point })
      const told = all.changes.map(({ type, reason, server }: Answer) => [type, reason, server.name])
      expect(told).toEqual([
        ['added', undefined, 'first'],
        ['added', undefined, 'second'],
        ['removed', 'exited', 'second'],
        ['removed', 'deregistered', 'first'],
      ])
    })

    it('says that nothing has changed when the time is up', async () => {
      const { call } = agent
      const { point } = await call('list_servers')
      for (const timeoutMs of [0, 50])
        expect(await call('watch_servers', { since: point, timeoutMs })).toEqual({ point, changes: [] })
    })

    it('tells with a time of 0 what has changed meanwhile', async () => {
      const { call } = agent
      const { point } = await call('list_servers')
      await startServer({ name: 'first' })
      await agentSees(1)
      const { changes } = await call('watch_servers', { since: point, timeoutMs: 0 })
      expect(changes).toMatchObject([{ type: 'added', server: { name: 'first' } }])
    })

    it('lists all servers for a point that it does not know', async () => {
      await startServer({ name: 'first' })
      const { call } = agent
      await agentSees(1)
      const { point } = await call('list_servers')
      for (const since of ['0123456789abcdef:7', 'nonsense', point.replace(/:.*/, ':99')]) {
        const news = await call('watch_servers', { since, timeoutMs: 30_000 })
        expect(news).toMatchObject({ point, servers: [{ name: 'first' }] })
        expect(news.changes).toBeUndefined()
      }
    })
  })

  describe('a connection', () => {
    it('carries text and bytes both ways, through a token', async () => {
      const { id } = await startServer({ name: 'worker-a', auth: 'token', onConnection: echo })
      const { call } = agent
      const opened = await call('connect', { server: 'worker-a' })
      expect(opened).toEqual({ connection: expect.stringMatching(/^c\d+$/), server: id, state: 'open' })
      const { connection } = opened
      expect(await call('send', { connection, text: 'grüße' })).toEqual({ bytes: 7 })
      expect(await call('send', { connection, base64: 'AP+A' })).toEqual({ bytes: 3 })
      const messages: Answer[] = []
      while (messages.length < 2) messages.push(...(await call('read', { connection })).messages)
      expect(messages).toEqual([{ text: 'grüße' }, { base64: 'AP+A' }])
      expect(await call('disconnect', { connection })).toMatchObject({
        state: 'closed',
        close: { code: 1000 },
        unread: 0,
      })
    })

    it('asks for a path and subprotocols', async () => {
      await startServer({
        name: 'paths',
        path: '/ws?v=1',
        onConnection: (socket, { url }) => socket.send(`${url}`),
      })
      const { call } = agent
      const urlFor = async (args: object): Promise<string> => {
        const { connection } = await call('connect', { server: 'paths', ...args })
        return (await call('read', { connection, timeoutMs: 30_000 })).messages[0].text
      }
      expect(await urlFor({})).toBe('/ws?v=1')
      expect(await urlFor({ path: '?x=2' })).toBe('/ws?v=1&x=2')
      expect(await urlFor({ path: '/other' })).toBe('/other')
      const { protocol } = await call('connect', { server: 'paths', protocols: ['chat.v2', 'chat.v1'] })
      expect(protocol).toBe('chat.v2')
    })

    it('goes to the server of an id, or to the one of a name that is of the project', async () => {
      const scope = { directory: dirname(home.path) }
      const here = await startServer({ name: 'twin', scope })
      const newer = await startServer({ name: 'twin', scope: { directory: '/elsewhere' } })
      const { call } = agent
      expect((await call('connect', { server: 'twin' })).server).toBe(here.id)
      expect((await call('connect', { server: newer.id })).server).toBe(newer.id)
    })

    it('is not there when no server has that name, or it refuses', async () => {
      const { fail } = agent
      await startServer({ name: 'worker-a' })
      expect(await fail('connect', { server: 'worker-b' })).toBe(
        'No server has the id or name "worker-b". There are: worker-a. [WSYARD_ERR_SERVER_NOT_FOUND]',
      )
      await register(1, { name: 'gone' })
      expect(await fail('connect', { server: 'gone' })).toContain('[WSYARD_ERR_SERVER_UNREACHABLE]')
    })

    it('waits for what comes, and has it with the very answer to the handshake', async () => {
      const sockets: WebSocket[] = []
      await startServer({
        name: 'late',
        onConnection(socket) {
          sockets.push(socket)
          socket.send('hello')
        },
      })
      const { call } = agent
      const { connection } = await call('connect', { server: 'late' })
      expect((await call('read', { connection, timeoutMs: 30_000 })).messages).toEqual([{ text: 'hello' }])
      const nothing = { messages: [], unread: 0, dropped: 0, state: 'open' }
      expect(await call('read', { connection, timeoutMs: 0 })).toEqual(nothing)
      expect(await call('read', { connection, timeoutMs: 50 })).toEqual(nothing)
      const reading = call('read', { connection, timeoutMs: 30_000 })
      sockets[0]?.send('late')
      expect((await reading).messages).toEqual([{ text: 'late' }])
    })

    it('loses nothing by a read that the client has given up', async () => {
      let socket: WebSocket | undefined
      await startServer({
        name: 'late',
        onConnection(opened) {
          socket = opened
        },
      })
      const { call } = agent
      const { connection } = await call('connect', { server: 'late' })
      const giveUp = new AbortController()
      const reading = call('read', { connection, timeoutMs: 30_000 }, giveUp.signal)
      const arrived = new Promise((resolve) => socket?.once('pong', resolve))
      socket?.send('x'.repeat(1024 * 1024 + 1)) // which is too large to be kept, and to end the read
      socket?.ping()
      await arrived
      giveUp.abort()
      await expect(reading).rejects.toThrow()
      await call('list_servers') // what the client sends is taken in order
      socket?.send('still there')
      const read = await call('read', { connection, timeoutMs: 30_000 })
      expect(read).toMatchObject({ messages: [{ text: 'still there' }], dropped: 1 })
    })

    it('tells how it ended, after what was sent before', async () => {
      await startServer({
        name: 'closing',
        onConnection(socket) {
          socket.send('last words')
          socket.close(4001, 'enough')
        },
      })
      const { call, fail } = agent
      const { connection } = await call('connect', { server: 'closing' })
      const ended = { state: 'closed', close: { code: 4001, reason: 'enough' } }
      await expect.poll(() => call('read', { connection, maxMessages: 1, timeoutMs: 0 })).toMatchObject(ended)
      expect(await call('read', { connection, timeoutMs: 30_000 })).toMatchObject({ messages: [], ...ended })
      expect(await fail('send', { connection, text: 'x' })).toMatch(
        /has ended with 4001: enough\. Connect again\. \[WSYARD_ERR_CONNECTION_ENDED\]$/,
      )
      expect(await call('disconnect', { connection })).toMatchObject(ended)
      expect(await fail('read', { connection })).toBe(
        `There is no connection "${connection}". There is none. Ask connect for one.`,
      )
    })
  })

  describe('a limit', () => {
    it('of 64 KiB a read cuts a larger message into parts, between characters', async () => {
      const text = `${'x'.repeat(65_535)}🚢${'y'.repeat(70_000)}`
      await startServer({
        name: 'large',
        onConnection(socket) {
          socket.send(text)
          socket.send('small')
        },
      })
      const { call } = agent
      const { connection } = await call('connect', { server: 'large' })
      const parts: Answer[] = []
      while (parts.at(-1)?.text !== 'small')
        parts.push(...(await call('read', { connection, timeoutMs: 30_000 })).messages)
      expect(parts.map(({ text, more }) => [Buffer.byteLength(text), more])).toEqual([
        [65_535, true],
        [65_536, true],
        [4 + 70_000 - 65_536, undefined],
        [5, undefined],
      ])
      const whole = parts.slice(0, 3).map(({ text }) => text)
      expect(whole.join('') === text).toBe(true)
    })

    it('of 1 MiB unread drops the oldest, and says how many', async () => {
      await startServer({
        name: 'chatty',
        onConnection(socket) {
          for (let number = 0; number < 30; number += 1) socket.send(`${number} `.padEnd(65_536))
          socket.send('x'.repeat(1024 * 1024 + 1))
          socket.close(1000)
        },
      })
      const { call } = agent
      const { connection } = await call('connect', { server: 'chatty' })
      // It has ended once nothing can be sent any more, and by then all has come.
      await expect
        .poll(() => call('send', { connection, text: 'x' }).catch(({ message }) => message))
        .toContain('has ended')
      const first = await call('read', { connection, maxMessages: 1 })
      expect(first).toMatchObject({ dropped: 15, unread: 15, messages: [{ text: '14 '.padEnd(65_536) }] })
      expect(await call('read', { connection })).toMatchObject({ dropped: 0, unread: 14 })
      expect(await call('disconnect', { connection })).toMatchObject({ unread: 14 })
    })

    it('of 16 MiB a message ends the connection before it is whole', async () => {
      await startServer({ name: 'huge', onConnection: (socket) => socket.send(Buffer.alloc(2 ** 24 + 1)) })
      const { call } = agent
      const { connection } = await call('connect', { server: 'huge' })
      const ended = { messages: [], dropped: 0, close: { reason: 'Max payload size exceeded' } }
      expect(await call('read', { connection, timeoutMs: 30_000 })).toMatchObject(ended)
    })

    it('of 1 MiB a message is kept on sending, and a message is either text or bytes', async () => {
      await startServer({ name: 'worker-a' })
      const { call, fail } = agent
      const { connection } = await call('connect', { server: 'worker-a' })
      const largest = 'x'.repeat(1024 * 1024)
      expect(await call('send', { connection, text: largest })).toEqual({ bytes: 1024 * 1024 })
      expect(await fail('send', { connection, text: `${largest}x` })).toMatch(/1048577 bytes, and 1048576 is/)
      const neitherNor = 'A message has either text or base64: give one of the two.'
      expect(await fail('send', { connection })).toBe(neitherNor)
      expect(await fail('send', { connection, text: '', base64: '' })).toBe(neitherNor)
      expect(await fail('send', { connection, base64: 'AAAAY' })).toMatch(/^The base64 is cut off/)
    })

    it('stops a sender whose server does not read', async () => {
      await startServer({ name: 'deaf', onConnection: (socket) => socket.pause() })
      const { call } = agent
      const { connection } = await call('connect', { server: 'deaf' })
      const sendMuch = async (): Promise<never> => {
        for (;;) await call('send', { connection, text: 'x'.repeat(1024 * 1024) })
      }
      await expect(sendMuch()).rejects.toThrow(/is full: \d+ bytes wait, as the server does not read/)
    })

    it('of 16 connections does not count those that the client has given up', async () => {
      const http = createHttp().listen(0, '127.0.0.1')
      const asked: Duplex[] = []
      http.on('upgrade', (_request, socket) => {
        asked.push(socket.on('error', () => {}).resume()) // and no answer
      })
      cleanUps.push(() => http.close())
      await once(http, 'listening')
      await register(http, { name: 'silent' })
      await startServer({ name: 'worker-a' })
      const { call, fail } = agent
      const keep = new AbortController()
      const kept = call('connect', { server: 'silent' }, keep.signal).catch(() => 'has failed by itself')
      const calls = Array.from({ length: 15 }, () => {
        const giveUp = new AbortController()
        const { signal } = giveUp
        return {
          abort: () => giveUp.abort(),
          failed: call('connect', { server: 'silent' }, signal).catch(() => {}),
        }
      })
      await expect.poll(() => asked.length).toBe(16)
      expect(await fail('connect', { server: 'worker-a' })).toBe(
        '16 connections are open or being opened, which is the most. Try again.',
      )
      for (const { abort } of calls) abort()
      await Promise.all(calls.map(({ failed }) => failed))
      const connect = async () => {
        await expect.poll(() => call('connect', { server: 'worker-a' }).catch(() => 'full')).not.toBe('full')
        return 'is connected'
      }
      // And that before the one that has not been given up fails for having taken too long.
      expect(await Promise.race([connect(), kept])).toBe('is connected')
      keep.abort()
      await kept
    })

    it('of 16 connections is kept, and one that has ended gives way', async () => {
      const closings: (() => void)[] = []
      await startServer({
        name: 'many',
        onConnection: (socket) => void closings.push(() => socket.close(1000)),
      })
      const { call, fail } = agent
      const open = () => call('connect', { server: 'many' })
      const [{ connection }] = await Promise.all(Array.from({ length: 16 }, open))
      expect(await fail('connect', { server: 'many' })).toMatch(
        /^16 connections are open or being opened, which is the most\. Disconnect one: (c\d+ to many(, |\.$)){16}/,
      )
      await call('disconnect', { connection })
      await open()
      closings.at(-1)?.()
      await expect.poll(() => open().catch(() => undefined)).toMatchObject({ state: 'open' })
      expect(await fail('connect', { server: 'many' })).toContain('Disconnect one:')
    })
  })
})

describe('the command', () => {
  withOwnHomes()
  const command = () => {
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
    return home.own(startProcess(process.execPath, [wsyard, 'mcp'], { env, input: true }))
  }
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  }
  const request = (id: number, name: string, args: object): object => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: args },
  })
  const linesOf = (...messages: object[]): string =>
    messages.map((message) => `${JSON.stringify(message)}\n`).join('')

  it('ends with its input, closes its connections, and prints nothing but the protocol', async () => {
    const closed = new Promise<number>((resolve) => {
      void startServer({ name: 'worker-a', onConnection: (socket) => void socket.on('close', resolve) })
    })
    await startServer({ name: 'deaf', onConnection: (socket) => socket.pause() }) // and does not answer the close
    await expect.poll(() => registry.list()).toHaveLength(2)
    const running = command()
    const connect = ['worker-a', 'deaf'].map((server, index) => request(2 + index, 'connect', { server }))
    running.child.stdin?.write(linesOf(initialize, ...connect))
    await Promise.all([running.printed(/"connection":"c1"/), running.printed(/"connection":"c2"/)])
    running.child.stdin?.end(linesOf(request(4, 'read', { connection: 'c1', timeoutMs: 30_000 })))
    expect([await running.ended, await closed]).toEqual([0, 1000])
    const lines = running.output().trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).id).sort()).toEqual([1, 2, 3])
  })

  it('answers what was asked right before its input ends, and says which line is none', async () => {
    const running = command()
    running.child.stdin?.end(linesOf({ jsonrpc: '2.0' }, initialize, request(2, 'list_servers', {})))
    expect(await running.ended).toBe(0)
    const lines = running.output().trimEnd().split('\n')
    const answers = lines.filter((line) => line.startsWith('{'))
    expect(answers.map((line) => JSON.parse(line).id)).toEqual([1, 2])
    expect(lines.filter((line) => !answers.includes(line))).toEqual([
      'warning Passed over a line of the input that is no message of JSON-RPC 2.0.',
    ])
  })

  it.runIf(isLong)('ends by Ctrl+C as well', async () => {
    const running = command()
    running.child.stdin?.write(linesOf(initialize, request(2, 'list_servers', {})))
    await running.printed(/"servers":\[\]/)
    expect(await running.stop('SIGINT')).toBe(0)
  })

  it('ends while nobody reads its answers: by a signal at once, and a second after its input', async () => {
    const ask = Array.from({ length: 100 }, (_, id) => ({ jsonrpc: '2.0', id: id + 2, method: 'tools/list' }))
    const ends = [(child: ChildProcess) => child.kill('SIGTERM'), (child: ChildProcess) => child.stdin?.end()]
    const codes = ends.map(async (end) => {
      const env = { ...process.env, SHIPYARD_HOME: home.path }
      const child = spawn(process.execPath, [wsyard, 'mcp'], { env, stdio: ['pipe', 'pipe', 'ignore'] })
      home.onCleanUp(() => child.kill('SIGKILL'))
      child.stdin.write(linesOf(initialize, ...ask))
      await once(child.stdout, 'readable') // some of it has come, and no more is taken
      end(child)
      const [code] = await once(child, 'exit')
      return code
    })
    expect(await Promise.all(codes)).toEqual([0, 0])
  })

  it('says what to install where the package is missing that it needs', async () => {
    const copy = join(dirname(home.path), 'package')
    cpSync(join(projectRoot, 'dist'), join(copy, 'dist'), { recursive: true })
    cpSync(join(projectRoot, 'package.json'), join(copy, 'package.json'))
    mkdirSync(join(copy, 'node_modules'))
    for (const name of ['commander', 'valibot', 'ws'])
      symlinkSync(join(projectRoot, 'node_modules', name), join(copy, 'node_modules', name))
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
    const main = join(copy, 'dist/bin/wsyard.js')
    const running = home.own(startProcess(process.execPath, [main, 'mcp'], { env, cwd: copy }))
    expect(await running.ended).toBe(1)
    expect(running.output()).toMatch(
      /^error .*Install it: npm install @modelcontextprotocol\/server \[WSYARD/,
    )
  })

  it.runIf(isLong)('has help with examples', async () => {
    const running = home.own(startProcess(process.execPath, [wsyard, 'mcp', '--help']))
    const [code] = await once(running.child, 'close')
    expect(code).toBe(0)
    expect(running.output()).toContain('Examples:\n  wsyard mcp ')
  })
})

describe('docs/guide/agents.md', () => {
  withOwnHomes()

  it.runIf(isLong)('has settings that work, for the servers of the project', async () => {
    const { directory } = makeProject(home, filesOf(page))
    const bin = join(directory, 'node_modules/.bin')
    mkdirSync(bin)
    chmodSync(join(bin, '../wsyard/dist/bin/wsyard.js'), 0o755)
    symlinkSync('../wsyard/dist/bin/wsyard.js', join(bin, 'wsyard')) // as npm installs it
    await startServer({ name: 'here', scope: { directory } })
    await startServer({ name: 'elsewhere', scope: { directory: '/elsewhere' } })
    const settings = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? '')
    const { call } = await startAgent('legacy', {}, { ...settings.mcpServers.wsyard, cwd: directory })
    await expect
      .poll(() => call('list_servers', { project: true }))
      .toMatchObject({ servers: [{ name: 'here' }] })
  })

  it.runIf(isLong)(
    'has a server that is shown as an orphan when its program has been killed and its input goes on',
    async () => {
      const { directory } = makeProject(home, filesOf(page))
      const input = join(directory, 'input')
      execFileSync('mkfifo', [input]) // which does not end for who has it open for writing, too
      const launch = `
      const input = require('node:fs').openSync('input', 'r+')
      require('node:child_process').spawn(process.execPath, ['server.js'], { stdio: [input, 1, 2] })`
      const env = { SHIPYARD_HOME: home.path }
      const program = home.own(startProcess(process.execPath, ['-e', launch], { cwd: directory, env }))
      const listed = () => registry.list()
      await expect.poll(listed).toMatchObject([{ state: 'up' }])
      const [{ pid } = { pid: -1 }] = await listed()
      home.onCleanUp(() => process.kill(pid, 'SIGKILL'))
      process.kill(program.pid, 'SIGKILL')
      await expect.poll(listed).toMatchObject([{ pid, state: 'orphaned' }])
    },
  )
})

describe('examples/mcp/server.js', () => {
  withOwnHomes()

  it('loses nothing to a call of hear that was cancelled, nor to one of two at once', async () => {
    const script = join(projectRoot, 'examples/mcp/server.js')
    const { client } = await startAgent(
      'legacy',
      {},
      { command: process.execPath, args: [script, 'me'], cwd: projectRoot },
    )
    const ask = async (timeoutMs: number, signal?: AbortSignal): Promise<unknown[]> => {
      const answer = await client.callTool({ name: 'hear', arguments: { timeoutMs } }, signal && { signal })
      return answer.content.map((part) => (part.type === 'text' ? part.text : part))
    }
    expect(await ask(0)).toEqual([]) // by now it is registered
    const [entry] = await registry.list()
    const page = new WebSocket(`ws://127.0.0.1:${entry?.port}`, {
      headers: { authorization: `Bearer ${entry?.token?.reveal()}` },
    })
    cleanUps.push(() => page.terminate())
    await once(page, 'open')

    const giveUp = new AbortController()
    const cancelled = ask(30_000, giveUp.signal)
    await client.listTools() // what is asked is taken in order
    giveUp.abort()
    await expect(cancelled).rejects.toThrow()
    await client.listTools()
    page.send('important')
    expect(await ask(30_000)).toEqual(['important'])

    const both = [ask(30_000), ask(30_000)]
    await client.listTools()
    page.send('one')
    expect(await Promise.race(both)).toEqual(['one'])
    page.send('two')
    expect((await Promise.all(both)).sort()).toEqual([['one'], ['two']])
  })
})
