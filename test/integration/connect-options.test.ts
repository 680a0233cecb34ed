/** What the options of `wsyard connect` ask for: several messages, binary ones, one that matches, JSON, and another project's server. */
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { type Ended, runCommand, startCommand } from '../support/command.js'
import {
  createTestHome,
  type EchoServer,
  echoServer,
  listening,
  projectRoot,
  startProcess,
  type TestHome,
} from '../support/processes.js'

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
  const server = await createServer({ registry, name: 'worker-a', onConnection: echo, ...options })
  home.onCleanUp(() => server.close())
  return server
}

const echo = (socket: WebSocket): void =>
  void socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))

const connect = (args: readonly string[], input = ''): Promise<Ended> =>
  runCommand(home, ['connect', 'worker-a', ...args], { input })

describe('--send', () => {
  it('sends several in order, and waits for as many answers', async () => {
    await startServer()
    const sends = ['one', 'two', 'three'].flatMap((text) => ['--send', text])
    expect(await connect(sends)).toMatchObject({ code: 0, out: 'one\ntwo\nthree\n' })
  })

  it('goes before what --listen prints', async () => {
    await startServer()
    const command = startCommand(home, ['connect', 'worker-a', '--send', 'subscribe', '--listen'])
    await command.printed(/^subscribe$/m)
    expect(await command.stop('SIGINT')).toBe(0)
  })
})

describe('--binary', () => {
  it('sends each line as bytes and prints bytes in the same notation', async () => {
    await startServer()
    expect(await connect(['--binary', 'hex', '--count', '2'], '00 ff\nC0ffee\n')).toMatchObject({
      code: 0,
      out: '00ff\nc0ffee\n',
    })
    expect(await connect(['--binary', 'base64', '--send', 'AP8='])).toMatchObject({
      code: 0,
      out: 'AP8=\n',
    })
  })

  it('ends at a line that is none, with what came before it sent', async () => {
    const heard: string[] = []
    await startServer({
      onConnection: (socket) => void socket.on('message', (data) => heard.push(`${data}`)),
    })
    const { code, err } = await connect(['--binary', 'hex'], '6869\nhello\n00\n')
    expect(code).toBe(1)
    expect(err).toMatch(/The connection to "worker-a" \(\S+\) was given up: "hello" is not hex\./)
    await expect.poll(() => heard).toEqual(['hi'])
  })
})

describe('--expect', () => {
  const countTo = (last: number) => (socket: WebSocket) => {
    for (let number = 1; number <= last; number += 1) socket.send(`step ${number}`)
  }

  it('ends as soon as a message matches, with all printed that came before', async () => {
    await startServer({ onConnection: countTo(9) })
    expect(await connect(['--expect', '^step [35]$'])).toMatchObject({
      code: 0,
      out: 'step 1\nstep 2\nstep 3\n',
    })
  })

  it('compares what follows --send, however much else comes first', async () => {
    await startServer({
      onConnection(socket) {
        countTo(3)(socket)
        echo(socket)
      },
    })
    const { code, out } = await connect(['--send', 'ping', '--expect', 'ping'])
    expect([code, out.endsWith('\nping\n')]).toEqual([0, true])
  })

  it('ends with 1 after --timeout, when --count have come, or when the server has closed', async () => {
    await startServer({
      onConnection(socket) {
        countTo(3)(socket)
        socket.on('message', () => socket.close(1000))
      },
    })
    const expectation = ['--expect', 'step 4']
    const [late, counted, closed] = await Promise.all([
      connect([...expectation, '--timeout', '1.5']),
      connect([...expectation, '--count', '3']),
      connect([...expectation, '--send', 'bye']),
    ])
    for (const { code, out } of [late, counted, closed])
      expect([code, out]).toEqual([1, 'step 1\nstep 2\nstep 3\n'])
    const missing =
      'with no message that matches /step 4/ among the 3 received. [WSYARD_ERR_CONNECTION_ENDED]'
    expect(late.err).toContain(`was given up after 1.5 s, ${missing}`)
    expect(counted.err).toContain(`was ended, ${missing}`)
    expect(closed.err).toContain(`was closed by the server with 1000, ${missing}`)
  })
})

describe('--json', () => {
  it('prints every event as an object of the schema', async () => {
    const { id, port } = await startServer({
      onConnection(socket) {
        socket.send('hi\x9b')
        socket.send(Buffer.from([0, 255]))
        socket.on('message', () => socket.close(4000, 'enough'))
      },
    })
    const { code, out } = await connect(['--json', '--protocol', 'chat', '--send', 'bye', '--count', '3'])
    expect(code).toBe(1)
    const lines = out.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { type: 'open', id, port, protocol: 'chat' },
      { type: 'message', data: 'hi\x9b' },
      { type: 'message', base64: 'AP8=' },
      { type: 'close', code: 4000, reason: 'enough' },
    ])
    const schema = JSON.parse(readFileSync(join(projectRoot, 'schema/cli/connect.schema.json'), 'utf8'))
    const validate = new Ajv2020().compile(schema)
    for (const line of lines) expect(validate(JSON.parse(line)), line).toBe(true)
    expect(validate({ type: 'message' })).toBe(false)
  })
})

describe('of servers with one name in several projects', () => {
  /** A project with a server of its own. */
  const startProject = async (name: string): Promise<EchoServer & { directory: string }> => {
    const directory = join(realpathSync(dirname(home.path)), name)
    mkdirSync(join(directory, 'src'), { recursive: true })
    mkdirSync(join(directory, '.git'))
    writeFileSync(join(directory, '.git/HEAD'), `ref: refs/heads/${name}\n`)
    const env = { SHIPYARD_HOME: home.path }
    const running = startProcess(process.execPath, [echoServer, '--name', 'worker-a'], {
      env,
      cwd: directory,
    })
    return { ...home.own(await listening(running)), directory }
  }

  it('that of the current one is meant, or of the one that --scope names', async () => {
    const mine = await startProject('mine')
    const other = await startProject('other')
    const ask = (cwd: string, ...args: string[]): Promise<Ended> =>
      runCommand(home, ['connect', 'worker-a', '--send', 'hi', ...args], { cwd })

    const here = await ask(join(mine.directory, 'src'))
    expect(here).toMatchObject({ code: 0, out: `[${mine.id}] Echo: hi\n` })
    expect(here.err).toContain(
      `2 servers are called worker-a: this is the one of this project (${mine.id}, branch mine); the other is in ${other.directory} (${other.id}). Name one by its id, or its project by --scope.\n`,
    )
    const there = await ask(mine.directory, '--scope', '../other/src')
    expect(there).toMatchObject({ code: 0, out: `[${other.id}] Echo: hi\n` })
    expect(there.err).not.toContain('servers are called')
    const nowhere = await ask(mine.directory, '--scope', '..')
    expect(nowhere.code).toBe(0) // both are below it
    const third = join(mine.directory, '../third')
    mkdirSync(third)
    const empty = await ask(mine.directory, '--scope', third)
    expect(empty.code).toBe(1)
    expect(empty.err).toContain(`No server of ${third} has the id or name "worker-a". One of `)
  })
})
