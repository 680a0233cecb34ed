/** `wsyard connect`: real servers, and the command as people and scripts use it. */
import { once } from 'node:events'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer as createHttp, type Server as HttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { type Ended, type RunningCommand, runCommand, startCommand, wsyard } from '../support/command.js'
import { isLong } from '../support/length.js'
import {
  createTestHome,
  projectRoot,
  startEchoServer,
  startProcess,
  startSpikeServer,
  type TestHome,
} from '../support/processes.js'
import { hasTerminal, startInTerminal } from '../support/terminal.js'

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

async function startServer(options: ServerOptions = {}): Promise<Server> {
  const server = await createServer({ registry, ...options })
  home.onCleanUp(() => server.close())
  return server
}

const echo = (socket: WebSocket): void =>
  void socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))

const start = (...args: string[]): RunningCommand => startCommand(home, ['connect', ...args])
const run = (args: readonly string[], input = ''): Promise<Ended> =>
  runCommand(home, ['connect', ...args], { input })

describe('as a filter', () => {
  it('sends each line, prints each answer, and ends with its input, whatever comes last', async () => {
    const { id, port } = await startServer({ name: 'worker-a', onConnection: echo })
    const { code, out, err } = await run(['worker-a'], 'one\n\n{"two":"\u2028"}\r\nthree without an end')
    expect([code, out]).toEqual([0, 'one\n\n{"two":"\u2028"}\nthree without an end\n'])
    expect(err).toBe(`Connected to worker-a, ${id} at port ${port}.\nClosed.\n`)
  })

  it('carries a hundred thousand lines, in order', async () => {
    await startServer({ name: 'worker-a', onConnection: echo })
    const input = Array.from({ length: 100_000 }, (_, number) => `line ${number}\n`).join('')
    const { code, out, err } = await run(['worker-a'], input)
    expect(code).toBe(0)
    expect(out === input).toBe(true)
    expect(err).not.toContain('Warning')
  })

  it('waits with --count for answers that come after the input has ended', async () => {
    await startServer({
      name: 'slow',
      onConnection: (socket) =>
        void socket.on('message', (data) => setTimeout(() => socket.send(`late ${data}`), 300)),
    })
    expect(await run(['slow', '--count', '2'], 'a\nb\nc\n')).toMatchObject({
      code: 0,
      out: 'late a\nlate b\n',
    })
  })

  it('says what to add where nothing has come when its input ends', async () => {
    await startServer({ name: 'mute' })
    const { code, err } = await run(['mute'], 'ping\n')
    expect(code).toBe(0)
    expect(err).toMatch(/\nClosed\. Nothing had come by then: add --count 1 to wait for an answer\.\n$/)
  })

  it('prints what is sent with the very answer to the handshake', async () => {
    await startServer({ name: 'greeter', onConnection: (socket) => socket.send('hello') })
    const runs = await Promise.all([1, 2, 3, 4, 5].map(() => run(['greeter', '--count', '1'])))
    for (const done of runs) expect(done).toMatchObject({ code: 0, out: 'hello\n' })
  })

  it('leaves what a server sends as it is for who reads it, control characters too', async () => {
    await startServer({ name: 'raw', onConnection: (socket) => socket.send('\x1b[2J\r\u202e') })
    expect((await run(['raw', '--count', '1'])).out).toBe('\x1b[2J\r\u202e\n')
  })

  it('ends when whoever reads it has read enough', async () => {
    await startServer({
      name: 'chatty',
      onConnection(socket) {
        const timer = setInterval(() => socket.send('again'), 5)
        socket.on('close', () => clearInterval(timer))
      },
    })
    const command = start('chatty')
    await command.printed(/again/)
    command.child.stdout?.destroy()
    expect(await command.ended).toBe(0)
    expect(command.said()).toContain('Closed.')
  })
})

describe('with --send', () => {
  it('sends one message, newlines and all, prints one answer, and needs no input', async () => {
    await startServer({ name: 'worker-a', onConnection: echo })
    const command = start('worker-a', '--send', 'one\nmessage') // its input stays open
    expect(await command.ended).toBe(0)
    expect(command.printedOut()).toBe('one\nmessage\n')
  })

  it('prints as many answers as --count says, and no more', async () => {
    await startServer({
      name: 'counter',
      onConnection: (socket) =>
        void socket.on('message', () => [1, 2, 3, 4].map((number) => socket.send(`${number}`))),
    })
    expect(await run(['counter', '--send', 'go', '--count', '3'])).toMatchObject({
      code: 0,
      out: '1\n2\n3\n',
    })
  })

  it('shows binary messages in hex', async () => {
    await startServer({
      name: 'binary',
      onConnection: (socket) =>
        void socket.on('message', () => {
          socket.send(Buffer.from('0123456789abcdef\x00\xff', 'latin1'))
          socket.send(Buffer.alloc(0))
        }),
    })
    expect((await run(['binary', '--send', 'go', '--count', '2'])).out).toBe(
      [
        '00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  |0123456789abcdef|',
        `00000010  00 ff${' '.repeat(42)}  |..|`,
        '00000000',
        '',
      ].join('\n'),
    )
  })
})

describe('the server that it asks', () => {
  const tell = (socket: WebSocket, { url, headers }: { url?: string | undefined; headers: object }): void =>
    socket.send(JSON.stringify({ url, names: Object.keys(headers), protocol: socket.protocol }))

  it('is asked for its own path, for another, or with a query', async () => {
    await startServer({ name: 'paths', path: '/ws?v=1', onConnection: tell })
    const ask = async (...args: string[]) =>
      JSON.parse((await run(['paths', '--count', '1', ...args])).out).url
    const asked = [ask(), ask('--path', '/room/1?x=%20'), ask('--path', '?x=2')]
    expect(await Promise.all(asked)).toEqual(['/ws?v=1', '/room/1?x=%20', '/ws?v=1&x=2'])
  })

  it('chooses of the subprotocols that are offered', async () => {
    await startServer({ name: 'worker-a', onConnection: tell })
    const { out, err } = await run([
      'worker-a',
      '--count',
      '1',
      '--protocol',
      'chat.v2',
      '--protocol',
      'chat.v1',
    ])
    expect(JSON.parse(out).protocol).toBe('chat.v2')
    expect(err).toContain(', speaking chat.v2.')
  })

  it('is the newest of its name, and another by its id', async () => {
    const older = await startServer({ name: 'twin', onConnection: (socket) => socket.send('older') })
    await startServer({ name: 'twin', onConnection: (socket) => socket.send('newer') })
    const runs = await Promise.all(['twin', older.id].map((server) => run([server, '--count', '1'])))
    expect(runs.map(({ out }) => out)).toEqual(['newer\n', 'older\n'])
  })

  it('is sent its token, which stands nowhere else', async () => {
    const server = await startServer({ name: 'guarded', auth: 'token', onConnection: tell })
    const token = server.registration.entry.token?.reveal() ?? ''
    const command = start('guarded')
    await command.printed(/authorization/)
    const places = ['cmdline', 'environ'].map((name) =>
      process.platform === 'linux' ? readFileSync(`/proc/${command.pid}/${name}`, 'latin1') : '',
    )
    command.child.stdin?.end()
    expect(await command.ended).toBe(0)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect([command.output(), ...places].join('\n')).not.toContain(token)
  })

  it('may be one of a program that wrote itself into servers.json', async () => {
    const server = home.own(await startSpikeServer(home.path))
    const { code, out } = await run([server.id, '--send', 'hi'])
    expect([code, out]).toEqual([0, `[${server.id}] Echo: hi\n`])
  })
})

describe('ends with 1 and says why', () => {
  it('when there is no such server, with those that there are and the one that was meant', async () => {
    expect(await run(['worker-a'])).toMatchObject({
      code: 1,
      out: '',
      err: 'error No server has the id or name "worker-a". No server runs. [WSYARD_ERR_SERVER_NOT_FOUND]\n',
    })
    await startServer({ name: 'worker-a' })
    await startServer({ name: 'yjs' })
    const { code, err } = await run(['wroker-a'])
    expect(code).toBe(1)
    expect(err).toContain('There are: worker-a, yjs. Did you mean worker-a?')
    expect((await run(['something'])).err).not.toContain('Did you mean')
  })

  it('when the server refuses, in its words', async () => {
    const http = await listen(createHttp())
    http.on('upgrade', (_request, socket) => {
      const body = JSON.stringify({ error: { code: 'X', message: 'Not \x1b[2J today.' } })
      socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    })
    await registry.register(http, { name: 'closed' })
    const { code, err } = await run(['closed'])
    expect(code).toBe(1)
    expect(err).toMatch(
      /^error The server "closed" \(server-\S+\) at port \d+ refused the WebSocket with 403 Forbidden: Not \\x1b\[2J today\. \[WSYARD_ERR_SERVER_UNREACHABLE\]\n$/,
    )
  })

  it('when it is an HTTP server, or none of that either', async () => {
    const http = await listen(createHttp((_request, response) => response.writeHead(404).end('<html>')))
    await registry.register(http, { name: 'web' })
    expect((await run(['web'])).err).toContain('refused the WebSocket with 404 Not Found. [')
    const tcp = createTcp((socket) => socket.on('error', () => {}).end('220 mail\r\n')).listen(0, '127.0.0.1')
    home.onCleanUp(() => tcp.close())
    await once(tcp, 'listening')
    await registry.register(tcp, { name: 'mail' })
    const { code, err } = await run(['mail'])
    expect(code).toBe(1)
    expect(err).toMatch(/does not answer as a WebSocket server does: Parse Error/)
  })

  it('when it accepts and never answers, after five seconds (row 17)', async () => {
    const tcp = createTcp((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
    home.onCleanUp(() => tcp.close())
    await once(tcp, 'listening')
    await registry.register(tcp, { name: 'silent' })
    const { code, err } = await run(['silent'])
    expect(code).toBe(1)
    expect(err).toContain('did not answer the handshake within 5 s. Is it busy, or stopped?')
  })

  it('when nothing listens there any more', async () => {
    const taken = await listen(createHttp())
    const { port } = taken.address() as AddressInfo
    taken.close()
    await registry.register({ port, name: 'gone' })
    const { code, err } = await run(['gone'])
    expect(code).toBe(1)
    expect(err).toMatch(/cannot be reached: connect ECONNREFUSED/)
  })

  it.runIf(process.platform === 'linux')(
    'when another process has taken the port, which is sent nothing (row 18)',
    async () => {
      const server = await startServer({ name: 'worker-a', onConnection: echo })
      const taker = home.own(
        startProcess(process.execPath, [join(projectRoot, 'test/support/port-taker.js'), 'ws']),
      )
      const [, port = ''] = await taker.printed(/^port (\d+)$/m)
      const path = join(home.path, 'servers.d', `${server.id}.json`)
      const entry = JSON.parse(readFileSync(path, 'utf8'))
      writeFileSync(`${path}.new`, JSON.stringify({ ...entry, port: Number(port) }), { mode: 0o600 })
      renameSync(`${path}.new`, path)
      const { code, err } = await run(['worker-a'])
      expect(code).toBe(1)
      expect(err).toContain('another one listens there, and was sent nothing')
      await taker.printed(/closed/)
      expect(taker.output()).not.toContain('heard')
    },
  )

  it('when it has a token and runs in another pid namespace or machine (row 19)', async () => {
    const server = await startServer({ name: 'far' })
    const path = join(home.path, 'servers.d', `${server.id}.json`)
    const entry = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(`${path}.new`, JSON.stringify({ ...entry, machine: 'elsewhere:1' }), { mode: 0o600 })
    renameSync(`${path}.new`, path)
    const { code, err } = await run(['far'])
    expect(code).toBe(1)
    expect(err).toContain('it is not of this machine')
  })

  it('when the server closes with a code, and not when that is 1000', async () => {
    await startServer({
      name: 'closing',
      onConnection: (socket) =>
        void socket.on('message', (data) => socket.close(Number(data), 'enough\x07 of this')),
    })
    const closing = async (code: string, ...args: string[]) => {
      const command = start('closing', ...args)
      command.child.stdin?.write(`${code}\n`) // and stays open
      return { code: await command.ended, err: command.said() }
    }
    const [bad, good, missing] = await Promise.all([
      closing('4001'),
      closing('1000'),
      closing('1000', '--count', '2'),
    ])
    expect(bad.code).toBe(1)
    expect(bad.err).toMatch(
      /error The connection to "closing" \(server-\S+\) was closed by the server with 4001: enough\\x07 of this\. \[WSYARD_ERR_CONNECTION_ENDED\]\n$/,
    )
    expect(good.code).toBe(0)
    expect(good.err).toContain('The connection was closed by the server with 1000: enough')
    expect(missing.code).toBe(1)
    expect(missing.err).toContain(', with 0 of 2 messages received.')
  })

  it('when the server closes before all was sent', async () => {
    await startServer({
      name: 'closing',
      onConnection: (socket) => void socket.on('message', () => socket.close(1000)),
    })
    // More than fits into what lies between the two, so that something must be left.
    const { code, err } = await run(['closing'], 'one\n'.repeat(200_000))
    expect(code).toBe(1)
    expect(err).toMatch(/was closed by the server with 1000 before all was sent\. \[/)
  })

  it('when --timeout is over before the server has answered the handshake', async () => {
    const tcp = createTcp((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
    home.onCleanUp(() => tcp.close())
    await once(tcp, 'listening')
    await registry.register(tcp, { name: 'silent' })
    const { code, err } = await run(['silent', '--send', 'x', '--timeout', '0.2'])
    expect(code).toBe(1)
    expect(err).toContain('did not answer the handshake within 0.2 s.')
  })

  it.runIf(isLong)('when --send is not answered within ten seconds', async () => {
    await startServer({ name: 'mute' })
    const { code, err } = await run(['mute', '--send', 'x'])
    expect(code).toBe(1)
    expect(err).toContain('was given up after 10 s, with 0 of 1 messages received.')
  })

  it('when the server is killed', async () => {
    const server = home.own(await startEchoServer(home.path, ['--name', 'worker-a']))
    const command = start('worker-a')
    command.child.stdin?.write('hi\n')
    await command.printed(/Echo: hi/)
    await server.stop('SIGKILL')
    expect(await command.ended).toBe(1)
    expect(command.said()).toMatch(/error The connection to "worker-a" \(server-\S+\) was lost/)
  })
})

describe('ends with 2 and says why', () => {
  it.each([
    [['a', '--path', 'room'], /--path <path>.*It must start with \/ or \?/],
    [['a', '--path', '/a b'], /It must start/],
    [['a', '--protocol', 'a,b'], /--protocol <name>.*It must be letters/],
    [['a', '--count', '0'], /--count <n>.*whole number from 1/],
    [['a', '--expect', '('], /--expect <regex>.*Unterminated group/],
    [['a', '--expect', 'x', '--timeout', '0'], /--timeout <seconds>.*a number of seconds above 0/],
    [['a', '--timeout', '5'], /--timeout says how long to wait for --count or --expect/],
    [['a', '--scope', '/nowhere'], /--scope <dir>.*It must be a directory that is there/],
    [['a', '--binary', 'octal'], /Allowed choices are hex, base64/],
    [['a', '--binary', 'hex', '--send', '00', '--send', 'xyz'], /"xyz" is not hex, as --binary says/],
    [['a', 'b'], /too many arguments/],
    [[], /missing required argument 'server'/],
  ])('when it is called with %j', async (args, message) => {
    const { code, err } = await run(args)
    expect(code).toBe(2)
    expect(err).toMatch(message)
  })
})

describe('stopped by', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s, it closes with 1000', async (signal) => {
    const codes: number[] = []
    await startServer({
      name: 'worker-a',
      onConnection: (socket) => void socket.on('close', (code) => codes.push(code)),
    })
    const command = start('worker-a')
    await command.printed(/Connected/)
    expect(await command.stop(signal)).toBe(0)
    await expect.poll(() => codes).toEqual([1000])
  })

  it('a signal, it waits a second for a server that does not close, and no longer', async () => {
    await startServer({
      name: 'deaf',
      onConnection: (socket) => {
        socket.pause()
        socket.send('hello')
      },
    })
    const command = start('deaf')
    await command.printed(/hello/)
    expect(await command.stop('SIGINT')).toBe(0)
  })

  it('a signal before the answer is there, it ends with 1', async () => {
    await startServer({ name: 'mute' })
    const command = start('mute', '--send', 'anybody?')
    await command.printed(/Connected/)
    expect(await command.stop('SIGINT')).toBe(1)
    expect(command.said()).toContain('was interrupted, with 0 of 1 messages received.')
  })
})

describe.runIf(hasTerminal)('in a terminal', () => {
  const env = (): Record<string, string> => ({ SHIPYARD_HOME: home.path, NO_COLOR: '1', TERM: 'dumb' })

  it('sends what is typed, shows what a terminal would obey, and ends by Ctrl+D or Ctrl+C', async () => {
    await startServer({
      name: 'rude',
      onConnection: (socket) =>
        void socket.on('message', (data) => socket.send(`<${data}>\x1b]0;mine\x07\u202e\r\n\tdone`)),
    })
    for (const key of ['\x04', '\x03']) {
      const terminal = home.own(startInTerminal([wsyard, 'connect', 'rude'], { env: env() }))
      await terminal.printed(/Connected to rude/)
      terminal.type('hi\n')
      await terminal.printed(/<hi>\\x1b\]0;mine\\x07\\u202e\\x0d\r\n\tdone\r\n/)
      terminal.type(key)
      expect(await terminal.ended).toBe(0)
      expect(terminal.output()).toContain('Closed.')
    }
  })
})

async function listen(http: HttpServer): Promise<HttpServer> {
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  home.onCleanUp(() => {
    http.closeAllConnections()
    http.close()
  })
  return http
}
