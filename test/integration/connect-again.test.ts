/** `wsyard connect` when the connection is lost: with whom it is made again, when, and when not. */
import { once } from 'node:events'
import { mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { createServer as createTcp } from 'node:net'
import { dirname, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { type RunningCommand, startCommand, wsyard } from '../support/command.js'
import {
  createTestHome,
  type EchoServer,
  projectRoot,
  startEchoServer,
  type TestHome,
} from '../support/processes.js'
import { startRawServer } from '../support/raw-socket.js'
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

const schema = JSON.parse(readFileSync(join(projectRoot, 'schema/cli/connect.schema.json'), 'utf8'))
const validate = new Ajv2020().compile(schema)

const startEcho = async (): Promise<EchoServer> =>
  home.own(await startEchoServer(home.path, ['--name', 'worker-a']))

async function startServer(options: ServerOptions): Promise<Server> {
  const server = await createServer({ registry, name: 'worker-a', ...options })
  home.onCleanUp(() => server.close())
  return server
}

const connect = (...args: string[]): RunningCommand => startCommand(home, ['connect', 'worker-a', ...args])

/** Its events, each of which is as the schema has it. */
function eventsOf(command: RunningCommand): Record<string, unknown>[] {
  return command
    .printedOut()
    .trimEnd()
    .split('\n')
    .map((line) => {
      const event = JSON.parse(line)
      expect(validate(event), `${line}: ${JSON.stringify(validate.errors)}`).toBe(true)
      return event
    })
}

describe.runIf(hasTerminal)('in a terminal', () => {
  it('it goes on with who has the name, and sends in order what was typed meanwhile', async () => {
    const first = await startEcho()
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1', TERM: 'xterm' }
    const terminal = home.own(startInTerminal([wsyard, 'connect', 'worker-a'], { env }))
    await terminal.printed(/Connected to worker-a[\s\S]*> /)
    terminal.type('before\n')
    await terminal.printed(/Echo: before/)
    await first.stop('SIGKILL')
    await terminal.printed(/The connection was lost.* It is made again as soon as worker-a is there\./)
    terminal.type('one\ntwo\n')
    await terminal.printed(/two\r+\n/)
    const second = await startEcho()
    await terminal.printed(new RegExp(`Connected again to worker-a, ${second.id} at port ${second.port}\\.`))
    await terminal.printed(new RegExp(`${second.id}\\] Echo: one[\\s\\S]*${second.id}\\] Echo: two`))
    terminal.type('\x04')
    expect(await terminal.ended).toBe(0)
    expect(terminal.output().match(/Echo: /g)).toHaveLength(3)
  })

  it('Ctrl+C while it is lost ends it, with 1 when something has not been sent', async () => {
    for (const [typed, code] of [
      ['', 0],
      ['unsent\n', 1],
    ] as const) {
      const server = await startEcho()
      const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1', TERM: 'xterm' }
      const terminal = home.own(startInTerminal([wsyard, 'connect', 'worker-a'], { env }))
      await terminal.printed(/Connected to worker-a[\s\S]*> /)
      await server.stop('SIGTERM')
      await terminal.printed(/was closed by the server with 1001: server closing\. It is made again/)
      terminal.type(typed)
      if (typed !== '') {
        await terminal.printed(/unsent\r+\n/)
        terminal.type('\x04')
        await terminal.printed(/What has not been sent waits for worker-a\. Ctrl\+C ends it without that\./)
      }
      terminal.type('\x03')
      expect(await terminal.ended).toBe(code)
      expect(terminal.output().includes('was interrupted before all was sent')).toBe(code === 1)
    }
  })
})

describe('with --listen', () => {
  it('prints what comes from one run of the server after the other, until Ctrl+C', async () => {
    const start = (): Promise<Server> =>
      startServer({ onConnection: (socket) => socket.send(`hello from ${server?.id}`) })
    let server: Server | undefined
    server = await start()
    const command = connect('--listen', '--json')
    const first = server
    await command.printed(new RegExp(`hello from ${first.id}`))
    await first.close()
    await command.printed(/"lost"/)
    server = await start()
    await command.printed(new RegExp(`hello from ${server.id}`))
    expect(await command.stop('SIGINT')).toBe(0)
    expect(eventsOf(command)).toEqual([
      { type: 'open', id: first.id, port: first.port, protocol: '' },
      { type: 'message', data: `hello from ${first.id}` },
      { type: 'lost', reason: 'was closed by the server with 1001: server closing' },
      { type: 'open', id: server.id, port: server.port, protocol: '' },
      { type: 'message', data: `hello from ${server.id}` },
      { type: 'close', code: 1000, reason: '' },
    ])
  })

  it('waits for --count and --expect across restarts', async () => {
    let next = 0
    await startServer({
      onConnection(socket) {
        next += 1
        socket.send(`number ${next}`, () => socket.terminate())
      },
    })
    const commands = [connect('--listen', '--count', '3'), connect('--listen', '--expect', 'number [6-9]')]
    expect(await Promise.all(commands.map(({ ended }) => ended))).toEqual([0, 0])
    expect(commands[0]?.printedOut()).toMatch(/^(number \d\n){3}$/)
  })

  it('gives up after --timeout, also while there is no server', async () => {
    const server = await startServer({ onConnection: (socket) => socket.send('not yet') })
    const command = connect('--listen', '--expect', 'ready', '--timeout', '2')
    await command.printed(/not yet/)
    await server.close()
    expect(await command.ended).toBe(1)
    expect(command.said()).toContain(
      `error The connection to "worker-a" (${server.id}) was given up after 2 s, with no message that matches /ready/ among the 1 received.`,
    )
  })
})

describe('with --reconnect', () => {
  it('a pipe is sent to the end, over however many connections', async () => {
    const first = await startEcho()
    const command = connect('--reconnect')
    command.child.stdin?.write('one\n')
    await command.printed(/Echo: one/)
    await first.stop('SIGKILL')
    await command.printed(/It is made again/)
    command.child.stdin?.end('two\nthree\n')
    const second = await startEcho()
    expect(await command.ended).toBe(0)
    expect(command.printedOut()).toBe(
      `[${first.id}] Echo: one\n[${second.id}] Echo: two\n[${second.id}] Echo: three\n`,
    )
    expect(command.said()).toMatch(
      /Connected to [\s\S]*was lost[\s\S]*Connected again to [\s\S]*\nClosed\.\n$/,
    )
  })

  it('it ends with a server that closes as one that has done, and with one that wants nobody', async () => {
    const codes = [1000, 4001]
    await startServer({ onConnection: (socket) => socket.close(codes.shift(), 'enough') })
    const done = connect('--reconnect')
    expect(await done.ended).toBe(0)
    const unwanted = connect('--reconnect')
    expect(await unwanted.ended).toBe(1)
    expect(unwanted.said()).toContain('was closed by the server with 4001: enough.')
  })

  it('it is made again with the same run of a server that goes on', async () => {
    const sockets: WebSocket[] = []
    const server = await startServer({
      onConnection(socket) {
        sockets.push(socket)
        if (sockets.length < 3) socket.terminate()
        else socket.send('here')
      },
    })
    const command = connect('--reconnect', '--count', '1')
    expect(await command.ended).toBe(0)
    expect(command.said().match(new RegExp(`Connected again to worker-a, ${server.id} `, 'g'))).toHaveLength(
      2,
    )
  })

  it('an attempt at a server that does not answer ends when another one has the name', async () => {
    const first = await startServer({})
    const command = connect('--listen')
    await command.printed(/Connected/)
    await first.close()
    const silent = createTcp((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
    home.onCleanUp(() => silent.close())
    await once(silent, 'listening')
    await registry.register(silent, { name: 'worker-a' })
    const [socket] = await once(silent, 'connection')
    const closed = once(socket, 'close')
    const second = await startServer({})
    await command.printed(new RegExp(`Connected again to worker-a, ${second.id}`))
    await closed
    expect(command.said()).not.toContain('did not answer the handshake') // it was not given its five seconds
    expect(await command.stop('SIGINT')).toBe(0)
  })
})

describe('the one with whom it is made again', () => {
  it('is of the same project, however many others have the name, and it says where that differs', async () => {
    const mine = join(realpathSync(dirname(home.path)), 'mine')
    mkdirSync(join(mine, '.git'), { recursive: true })
    const scope = { directory: mine, worktree: mine, branch: 'main' }
    const first = await startServer({ scope })
    const dialled: string[] = []
    const other = { directory: '/elsewhere', worktree: '/elsewhere' }
    await startServer({ scope: other, onConnection: () => void dialled.push('other') })
    const command = startCommand(home, ['connect', 'worker-a', '--listen'], { cwd: mine })
    await command.printed(new RegExp(`Connected to worker-a, ${first.id}`))
    await first.close()
    await command.printed(/It is made again as soon as worker-a is there/)
    const second = await startServer({ scope: { ...scope, branch: 'fix' } })
    await command.printed(
      new RegExp(`Connected again to worker-a, ${second.id} at port ${second.port}, in ${mine} \\(fix\\)\\.`),
    )
    expect(dialled).toEqual([])
    expect(await command.stop('SIGINT')).toBe(0)
  })

  it('has the name of the one that was named by its id', async () => {
    const first = await startServer({})
    const command = startCommand(home, ['connect', first.id, '--listen'])
    await command.printed(/Connected/)
    await first.close()
    const second = await startServer({})
    await command.printed(new RegExp(`Connected again to worker-a, ${second.id} at port ${second.port}\\.`))
    expect(await command.stop('SIGINT')).toBe(0)
  })

  it('is nobody where that one had no name, and so it ends', async () => {
    const first = await createServer({ registry })
    home.onCleanUp(() => first.close())
    const command = startCommand(home, ['connect', first.id, '--listen'])
    await command.printed(/Connected/)
    await first.close()
    expect(await command.ended).toBe(1)
    expect(command.said()).toContain('left without a name by which another run of it could be found.')
  })
})

it('says once why it cannot be made again, and how it ended when it ends before it is', async () => {
  const first = await startServer({})
  const command = connect('--listen', '--json')
  await command.printed(/"open"/)
  await first.close()
  const heads: string[] = []
  const third = new Promise<void>((resolve) => {
    const answer = (head: string): string => {
      if (heads.push(head) === 3) resolve()
      return 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'
    }
    void startRawServer(() => {}, { answer }).then(({ port, close }) => {
      home.onCleanUp(close)
      return registry.register({ port, name: 'worker-a' })
    })
  })
  await third
  expect(await command.stop('SIGINT')).toBe(0)
  expect(
    command.said().match(/refused the WebSocket with 401 Unauthorized\. It is tried again\./g),
  ).toHaveLength(1)
  expect(eventsOf(command).map(({ type }) => type)).toEqual(['open', 'lost', 'close'])
  expect(eventsOf(command).at(-1)).toEqual({ type: 'close', code: 1001, reason: 'server closing' })
})

it('a server that is not there from the start is not waited for', async () => {
  const command = connect('--reconnect')
  expect(await command.ended).toBe(1)
  expect(command.said()).toContain('[WSYARD_ERR_SERVER_NOT_FOUND]')
})
