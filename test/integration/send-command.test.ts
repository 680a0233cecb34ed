/** `wsyard send`: one message to one server or to all, and whether it was taken. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { type Ended, runCommand } from '../support/command.js'
import { createTestHome, projectRoot, startSpikeServer, type TestHome } from '../support/processes.js'

let home: TestHome
let registry: Registry

beforeEach(() => {
  home = createTestHome()
  registry = openRegistry({ home: home.path })
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
  await registry.close()
})

interface Listener extends Server {
  /** What it was sent. */
  readonly heard: (string | Buffer)[]
  /** With which codes its connections were closed. */
  readonly codes: number[]
}

async function startServer(
  options: ServerOptions = {},
  onMessage: (socket: WebSocket, text: string) => void = () => {},
): Promise<Listener> {
  const heard: (string | Buffer)[] = []
  const codes: number[] = []
  const onConnection = (socket: WebSocket): void => {
    socket.on('close', (code) => codes.push(code))
    socket.on('message', (data: Buffer, isBinary) => {
      heard.push(isBinary ? data : data.toString())
      onMessage(socket, data.toString())
    })
  }
  const server = await createServer({ registry, onConnection, ...options })
  home.onCleanUp(() => server.close())
  return { ...server, heard, codes }
}

const send = (args: readonly string[], input = ''): Promise<Ended> =>
  runCommand(home, ['send', ...args], { input })

const schema = JSON.parse(readFileSync(join(projectRoot, 'schema/cli/send.schema.json'), 'utf8'))
const validate = new Ajv2020().compile(schema)

/** What it has printed, which is as the schema has it. */
function parse(out: string): unknown {
  const printed: unknown = JSON.parse(out)
  expect(validate(printed), JSON.stringify(validate.errors)).toBe(true)
  return printed
}

describe('to one server', () => {
  it('sends the message, and ends when that has been taken', async () => {
    const server = await startServer({ name: 'worker-a' })
    expect(await send(['worker-a', 'one\nmessage'])).toEqual({
      code: 0,
      out: '',
      err: `Sent to worker-a, ${server.id} at port ${server.port}.\n`,
    })
    expect(server.heard).toEqual(['one\nmessage']) // by now, not soon
    await expect.poll(() => server.codes).toEqual([1000])
  })

  it('sends what stands in the input, less the newline at its end', async () => {
    const server = await startServer({ name: 'worker-a' })
    expect((await send(['worker-a', '-'], 'one\ntwo\n\n')).code).toBe(0)
    expect((await send(['worker-a', '-', '--binary', 'base64'], 'AAAA\n/w==\n')).code).toBe(0)
    expect(server.heard).toEqual(['one\ntwo\n', Buffer.from([0, 0, 0, 255])])
  })

  it('asks for a path and subprotocols, with the token of the server', async () => {
    const asked: unknown[] = []
    await startServer({
      name: 'worker-a',
      auth: 'token',
      path: '/ws',
      onConnection: (socket, { url }) => void asked.push([url, socket.protocol]),
    })
    expect((await send(['worker-a', 'x', '--path', '?a=1', '--protocol', 'chat'])).code).toBe(0)
    expect(asked).toEqual([['/ws?a=1', 'chat']])
  })

  it('prints with --expect the answer that matches, and nothing else', async () => {
    await startServer({ name: 'worker-a' }, (socket, text) => {
      for (const part of ['working', `done: ${text}`, 'done again']) socket.send(part)
    })
    expect(await send(['worker-a', 'it', '--expect', '^done'])).toMatchObject({ code: 0, out: 'done: it\n' })
  })

  it('ends with 1 when nothing matches in time, or before the server closes', async () => {
    await startServer({ name: 'worker-a' }, (socket, text) => {
      if (text === 'bye') socket.close(1000)
      else socket.send('hm')
    })
    const [late, closed] = await Promise.all([
      send(['worker-a', 'it', '--expect', 'done', '--timeout', '1']),
      send(['worker-a', 'bye', '--expect', 'done']),
    ])
    expect([late.code, late.out, closed.code]).toEqual([1, '', 1])
    expect(late.err).toMatch(
      /The server "worker-a" \(\S+\) sent nothing within 1 s that matches \/done\/\. \[WSYARD_ERR_CON/,
    )
    expect(closed.err).toMatch(
      /was closed by the server with 1000, before anything came that matches \/done\//,
    )
  })

  it('ends with 1 when the server refuses the message, or does not say that it has it', async () => {
    await startServer({ name: 'picky' }, (socket) => socket.close(1003, 'no such thing'))
    await startServer({ name: 'deaf', onConnection: (socket) => socket.pause() })
    const [refused, ignored] = await Promise.all([
      send(['picky', 'x']),
      send(['deaf', 'x', '--timeout', '1']),
    ])
    expect([refused.code, ignored.code]).toEqual([1, 1])
    expect(refused.err).toContain(
      'was closed by the server with 1003: no such thing: whether the message was taken is not known.',
    )
    expect(ignored.err).toMatch(
      /did not confirm within 1 s that it has taken the message\. Is it busy, or stopped\?/,
    )
  })

  it('ends with 1 when --timeout is over before the handshake is', async () => {
    const tcp = createTcp((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
    home.onCleanUp(() => tcp.close())
    await once(tcp, 'listening')
    await registry.register(tcp, { name: 'silent' })
    const { code, err } = await send(['silent', 'x', '--timeout', '0.2'])
    expect(code).toBe(1)
    expect(err).toContain('did not answer the handshake within 0.2 s.')
  })

  it('says as JSON what became of it', async () => {
    const server = await startServer({ name: 'worker-a' }, (socket) => socket.send('pong'))
    const { code, out } = await send(['worker-a', 'ping', '--expect', 'pong', '--json'])
    expect(code).toBe(0)
    expect(parse(out)).toEqual({ servers: [{ id: server.id, name: 'worker-a', sent: true, answer: 'pong' }] })
  })

  it('says when there is none', async () => {
    const { code, err } = await send(['worker-a', 'x'])
    expect(code).toBe(1)
    expect(err).toContain('[WSYARD_ERR_SERVER_NOT_FOUND]')
  })
})

describe('with --all', () => {
  it('sends to every server at once, says of each what became of it, and ends with 1 if one failed', async () => {
    const named = await startServer({ name: 'worker-a' })
    const twins = [await startServer({ name: 'twin' }), await startServer({ name: 'twin' })]
    const foreign = home.own(await startSpikeServer(home.path))
    expect((await send(['--all', 'reload'])).code).toBe(0)
    for (const { heard } of [named, ...twins]) expect(heard).toEqual(['reload'])

    const tcp = createTcp((socket) => socket.on('error', () => {}).end('220 mail\r\n')).listen(0, '127.0.0.1')
    home.onCleanUp(() => tcp.close())
    await once(tcp, 'listening')
    await registry.register((tcp.address() as AddressInfo).port, { name: 'mail' })
    const { code, out } = await send(['--all', 'again'])
    expect(code).toBe(1)
    const lines = out.trimEnd().split('\n').sort()
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(
      /^mail +failed: The server "mail" \(\S+\) at port \d+ does not answer as a WebSocket/,
    )
    expect(lines[1]).toMatch(new RegExp(`^${foreign.id} +sent$`))
    expect(lines.slice(2, 4).join()).toMatch(/^twin \(server-\S+\) +sent,twin \(server-\S+\) +sent$/)
    expect(lines[4]).toMatch(/^worker-a +sent$/)
    for (const { heard } of [named, ...twins]) expect(heard).toEqual(['reload', 'again'])

    const json = await send(['--all', 'and again', '--json'])
    expect(json.code).toBe(1)
    expect(parse(json.out)).toMatchObject({
      servers: expect.arrayContaining([
        { id: named.id, name: 'worker-a', sent: true },
        { id: foreign.id, sent: true },
        expect.objectContaining({
          name: 'mail',
          sent: false,
          error: expect.objectContaining({ code: 'WSYARD_ERR_SERVER_UNREACHABLE' }),
        }),
      ]),
    })
  })

  it('prints the answers, harmless and in a line each', async () => {
    await startServer({ name: 'a' }, (socket) => socket.send('one\ntwo\x1b[2J'))
    expect(await send(['--all', 'x', '--expect', 'o'])).toMatchObject({
      code: 0,
      out: 'a  answered: one two\\x1b[2J\n',
    })
  })

  it('sends with --scope to those of one project', async () => {
    const server = await startServer({ name: 'worker-a' }) // of this process, so of this project
    const elsewhere = await send(['--all', 'x', '--scope', home.path])
    expect(elsewhere).toMatchObject({ code: 0, out: '' })
    expect(elsewhere.err).toContain('No server of that project runs')
    expect(await send(['--all', 'x', '--scope', projectRoot])).toMatchObject({
      code: 0,
      out: 'worker-a  sent\n',
    })
    expect(server.heard).toEqual(['x'])
  })

  it('has nothing to do when there is no server', async () => {
    expect(await send(['--all', 'x'])).toMatchObject({ code: 0, out: '' })
    expect(parse((await send(['--all', 'x', '--json'])).out)).toEqual({ servers: [] })
  })
})

it.each([
  [[], /missing required argument 'server'/],
  [['worker-a'], /missing required argument 'message'/],
  [['--all'], /missing required argument 'message'/],
  [['--all', 'worker-a', 'x'], /--all names every server, so only the message may follow/],
  [['worker-a', 'x', 'y'], /too many arguments/],
  [['worker-a', 'xyz', '--binary', 'hex'], /the message is not hex, as --binary says/],
  [['worker-a', 'x', '--scope', '/nowhere'], /--scope <dir>.*It must be a directory that is there/],
  [['worker-a', 'x', '--expect', '('], /--expect <regex>.*Unterminated group/],
])('ends with 2 and says why when it is called with %j', async (args, message) => {
  const { code, err } = await send(args)
  expect(code).toBe(2)
  expect(err).toMatch(message)
})
