/** `wsyard url` and `wsyard token`: what other programs need to connect to a server by themselves. */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { type Ended, runCommand, startCommand, wsyard } from '../support/command.js'
import {
  createTestHome,
  projectRoot,
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
  const server = await createServer({ registry, name: 'worker-a', ...options })
  home.onCleanUp(() => server.close())
  return server
}

const run = (...args: string[]): Promise<Ended> => runCommand(home, args)

function parse(command: string, out: string): unknown {
  const schema = JSON.parse(readFileSync(join(projectRoot, `schema/cli/${command}.schema.json`), 'utf8'))
  const validate = new Ajv2020().compile(schema)
  const printed: unknown = JSON.parse(out)
  expect(validate(printed), JSON.stringify(validate.errors)).toBe(true)
  return printed
}

describe('wsyard url', () => {
  it('prints where the server is, with its path', async () => {
    const { port } = await startServer({ path: '/ws?v=1' })
    expect(await run('url', 'worker-a')).toEqual({ code: 0, out: `ws://127.0.0.1:${port}/ws?v=1\n`, err: '' })
  })

  it('prints the address of several at which the server is', async () => {
    const http = createHttp()
    await new Promise<void>((resolve, reject) => {
      http.on('error', reject).listen(0, '::1', resolve)
    })
    home.onCleanUp(() => http.close())
    const address = http.address()
    const port = typeof address === 'object' ? Number(address?.port) : 0
    await registry.register({ port, host: 'localhost', name: 'six' })
    expect((await run('url', 'six')).out).toBe(`ws://[::1]:${port}/\n`)
  })

  it('says as JSON what it asks for, if it says so', async () => {
    const { id, port } = await startServer()
    const foreign = home.own(await startSpikeServer(home.path))
    expect(parse('url', (await run('url', 'worker-a', '--json')).out)).toEqual({
      id,
      name: 'worker-a',
      url: `ws://127.0.0.1:${port}/`,
      auth: 'token',
    })
    expect(parse('url', (await run('url', foreign.id, '--json')).out)).toEqual({
      id: foreign.id,
      url: `ws://127.0.0.1:${foreign.port}/`,
    })
  })

  it('means of several with one name in a project one that answers', async () => {
    const { id, port } = await startServer()
    const silent = createTcp((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
    home.onCleanUp(() => silent.close())
    await once(silent, 'listening')
    await registry.register(silent, { name: 'worker-a' })
    const { out, err } = await run('url', 'worker-a')
    expect(out).toBe(`ws://127.0.0.1:${port}/\n`)
    expect(err).toContain(`this is the newest that is up of this project (${id}`)
  })

  it('ends with 1 when there is no such server, or it cannot be reached', async () => {
    expect(await run('url', 'worker-a')).toMatchObject({ code: 1, out: '' })
    await registry.register({ port: 1, name: 'gone' })
    const { code, err } = await run('url', 'gone')
    expect(code).toBe(1)
    expect(err).toMatch(/at port 1 cannot be reached: .*\[WSYARD_ERR_SERVER_UNREACHABLE\]/)
  })
})

describe('wsyard token', () => {
  it('prints the token alone, by which one may connect', async () => {
    const { port } = await startServer()
    const { code, out, err } = await run('token', 'worker-a')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^[\w-]{43}\n$/)
    const { WebSocket } = await import('ws')
    const headers = { authorization: `Bearer ${out.trim()}` }
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers })
    await new Promise<void>((resolve, reject) => {
      socket.on('open', resolve).on('error', reject)
    })
    socket.terminate()
  })

  it('prints it as JSON', async () => {
    const { id, registration } = await startServer()
    const token = registration.entry.token?.reveal()
    expect(parse('token', (await run('token', 'worker-a', '--json')).out)).toEqual({ id, token })
  })

  it.runIf(hasTerminal)('says on a terminal what it is good for', async () => {
    const { id } = await startServer()
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
    const terminal = home.own(startInTerminal([wsyard, 'token', 'worker-a'], { env }))
    expect(await terminal.ended).toBe(0)
    expect(terminal.output()).toContain(
      `Whoever has this token may talk to "worker-a" (${id}) for as long as it runs.`,
    )
  })

  it('ends with 1 when the server asks for none', async () => {
    await startServer({ auth: 'open' })
    const { code, out, err } = await run('token', 'worker-a')
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(
      /asks for no token: every program of this machine may talk to it\. Connect without one\./,
    )
  })
})

it.each(['url', 'token'])(
  'wsyard %s ends with 2 when no server is named, or no directory',
  async (command) => {
    const missing = await run(command)
    expect(missing.code).toBe(2)
    expect(missing.err).toContain("missing required argument 'server'")
    const nowhere = await run(command, 'worker-a', '--scope', '/nowhere')
    expect(nowhere.code).toBe(2)
    expect(nowhere.err).toMatch(/--scope <dir>.*It must be a directory that is there\./)
  },
)

describe('whatever the command', () => {
  it('it ends quietly when whoever reads what it prints has gone', async () => {
    await startServer()
    const command = startCommand(home, ['url', 'worker-a'])
    command.child.stdout?.destroy()
    expect(await command.ended).toBe(0)
    expect(command.said()).toBe('')
  })

  /** Runs a line of shell in which `$0 $1` is the command. */
  const shell = async (line: string): Promise<{ code: number | string; printed: string }> => {
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
    const running = home.own(startProcess('sh', ['-c', line, process.execPath, wsyard], { env }))
    return { code: await running.ended, printed: running.output() }
  }

  it.runIf(existsSync('/dev/full'))('it says that its output cannot be written', async () => {
    await startServer()
    for (const args of ['url worker-a', 'connect worker-a --listen --json']) {
      const { code, printed } = await shell(`exec "$0" "$1" ${args} > /dev/full`)
      expect(code).toBe(1)
      expect(printed).toMatch(
        /^(Connected .*\n)?error The output cannot be written: ENOSPC: no space left on device, write\.\n/,
      )
    }
  })

  it('it knows no project where the working directory has been removed', async () => {
    const { port } = await startServer()
    const gone = join(home.path, 'gone')
    const { code, printed } = await shell(
      `mkdir ${gone} && cd ${gone} && rmdir ${gone} && exec "$0" "$1" url worker-a`,
    )
    expect([code, printed]).toEqual([0, `ws://127.0.0.1:${port}/\n`])
  })
})
