/** The server in plain Python, beside ours: a program that takes part by writing one file. */
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { parseManagedEntry } from '../../src/registry/entry-schema.js'
import { startHub } from '../support/hub.js'
import { indexIdsOrNone } from '../support/index-file.js'
import {
  createTestHome,
  type EchoServer,
  listening,
  projectRoot,
  removeHome,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'
import { needTool, type Skippable } from '../support/tools.js'

/** The machine may be busy. */
const patiently = { timeout: 20_000 }

const script = join(projectRoot, 'examples/python/server.py')

function startPython(home: TestHome, args: readonly string[] = []) {
  const env = { SHIPYARD_HOME: home.path, PYTHONDONTWRITEBYTECODE: '1' }
  return home.own(startProcess('python3', [script, ...args], { env }))
}

async function startPythonServer(context: Skippable, home: TestHome, args: readonly string[] = []) {
  needTool(context, 'python3', 'python3')
  return listening(startPython(home, args))
}

const fileOf = (home: TestHome, { id }: EchoServer): string => join(home.path, 'servers.d', `${id}.json`)

async function connect({ port }: EchoServer): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  await once(socket, 'open')
  return socket
}

async function answer(socket: WebSocket): Promise<string> {
  const [data] = await once(socket, 'message')
  return String(data)
}

describe('the Python server', () => {
  it('is in the snapshot and in servers.json beside ours, by a file that follows the rules', async (context) => {
    await using home = createTestHome()
    const python = await startPythonServer(context, home, ['--name', 'snake'])
    const hub = await startHub(home)
    const ours = home.own(await startEchoServer(home.path))
    const all = [python.id, ours.id].sort()
    await expect.poll(hub.ids, patiently).toEqual(all)
    await expect.poll(() => indexIdsOrNone(home.indexPath), patiently).toEqual(all)

    const parsed = parseManagedEntry(JSON.parse(readFileSync(fileOf(home, python), 'utf8')))
    expect(parsed).toMatchObject({ ok: true, entry: { name: 'snake', port: python.port, pid: python.pid } })
    const modes = [home.path, join(home.path, 'servers.d'), fileOf(home, python)].map(
      (path) => statSync(path).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o700, 0o600])
    expect(hub.warnings).toEqual([])
  })

  it('comes into servers.json as soon as a server of ours starts, with no hub', async (context) => {
    await using home = createTestHome()
    const python = await startPythonServer(context, home)
    const ours = home.own(await startEchoServer(home.path))
    await expect.poll(() => indexIdsOrNone(home.indexPath), patiently).toEqual([python.id, ours.id].sort())
  })

  it('is gone, file and all, when it is killed', async (context) => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const python = await startPythonServer(context, home)
    await expect.poll(hub.ids, patiently).toEqual([python.id])
    await expect.poll(() => indexIdsOrNone(home.indexPath), patiently).toEqual([python.id])
    await python.stop('SIGKILL')
    await expect.poll(hub.ids, patiently).toEqual([])
    expect(existsSync(join(home.path, 'servers.d', `${python.id}.json`))).toBe(false)
    await expect.poll(() => indexIdsOrNone(home.indexPath), patiently).toEqual([])
  })

  it.for(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'takes its entry away before it ends, and says goodbye (%s, row 23)',
    async (signal, context) => {
      await using home = createTestHome()
      const python = await startPythonServer(context, home)
      const socket = await connect(python)
      const closed = once(socket, 'close')
      let atExit: string[] | undefined
      python.child.once('exit', () => {
        atExit = readdirSync(join(home.path, 'servers.d'))
      })
      expect(await python.stop(signal)).toBe(0)
      expect(atExit).toEqual([])
      expect((await closed)[0]).toBe(1001)
      expect(python.output()).toMatch(new RegExp(`\\n\\[${python.id}\\] Stopped\\n$`))
    },
  )

  it.for([
    ['its file is', (home: TestHome, server: EchoServer) => rmSync(fileOf(home, server))],
    ['the whole registry is', removeHome],
  ] as const)('is back by itself when %s removed (row 9)', async ([_what, remove], context) => {
    await using home = createTestHome()
    const python = await startPythonServer(context, home)
    const file = fileOf(home, python)
    const before = readFileSync(file, 'utf8')
    remove(home, python)
    await expect.poll(() => existsSync(file), patiently).toBe(true)
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it.for([
    [['--name', 'two words'], {}, /--name: must be .*got "two words"/],
    [['--port', '70000'], {}, /--port: must be a whole number from 0 to 65535 \(got "70000"\)/],
    [
      [],
      { SHIPYARD_HOME: 'relative/home' },
      /SHIPYARD_HOME must be an absolute path \(got "relative\/home"\)/,
    ],
  ] as const)('refuses %j with %j, saying why', async ([args, env, message], context) => {
    needTool(context, 'python3', 'python3')
    await using home = createTestHome()
    const running = startProcess('python3', [script, ...args], {
      env: { SHIPYARD_HOME: home.path, PYTHONDONTWRITEBYTECODE: '1', ...env },
    })
    expect(await running.ended).not.toBe(0)
    expect(running.output()).toMatch(message)
    expect(running.output()).not.toContain('Traceback')
    expect(existsSync(home.path)).toBe(false)
  })
})

describe('the WebSocket of the Python server', () => {
  it('echoes text of every size, parts of a message, and what is not ASCII', async (context) => {
    await using home = createTestHome()
    const python = await startPythonServer(context, home)
    const socket = await connect(python)
    for (const text of ['hello', '', 'Grüße 🐍', 'x'.repeat(126), 'x'.repeat(70_000)]) {
      socket.send(text)
      expect(await answer(socket)).toBe(`[${python.id}] Echo: ${text}`)
    }
    const answers = Promise.all([once(socket, 'pong'), answer(socket)])
    for (const [part, fin] of [
      ['one ', false],
      ['two ', false],
      ['three', true],
    ] as const) {
      socket.send(part, { fin })
      socket.ping('in between')
    }
    const [[pong], echo] = await answers
    expect(String(pong)).toBe('in between')
    expect(echo).toBe(`[${python.id}] Echo: one two three`)
    socket.send(Buffer.alloc(300))
    expect(await answer(socket)).toBe(`[${python.id}] Echo: 300 bytes`)
    socket.close(4000, 'enough')
    expect((await once(socket, 'close'))[0]).toBe(4000)
  })

  it('takes 16 MiB and closes with 1009 for a byte more, with 1002 and 1007 for what is no WebSocket, and serves on', async (context) => {
    await using home = createTestHome()
    const python = await startPythonServer(context, home)
    const most = 16 * 1024 * 1024
    const stays = await connect(python)
    stays.send('x'.repeat(most))
    expect((await answer(stays)).length).toBe(most + `[${python.id}] Echo: `.length)

    const spoilers: [number, (socket: WebSocket) => void][] = [
      [1009, (socket) => socket.send('x'.repeat(most + 1))],
      [
        1009,
        (socket) => {
          socket.send('x'.repeat(most), { fin: false })
          socket.send('x')
        },
      ],
      [1002, (socket) => socket.send('not masked', { mask: false })],
      [1007, (socket) => socket.send(Buffer.from([0xc3, 0x28]), { binary: false })],
    ]
    for (const [code, spoil] of spoilers) {
      const socket = await connect(python)
      spoil(socket)
      expect((await once(socket, 'close'))[0]).toBe(code)
    }
    stays.send('still here')
    expect(await answer(stays)).toBe(`[${python.id}] Echo: still here`)
    stays.terminate()
  })

  it('lets in the same hosts and origins as ours, and says why not', async (context) => {
    await using home = createTestHome()
    const python = await startPythonServer(context, home, ['--origin', 'https://app.example'])
    const cases: [Record<string, string>, number][] = [
      [{}, 101],
      [{ origin: 'http://localhost:5173' }, 101],
      [{ origin: 'http://a.localhost' }, 101],
      [{ origin: 'http://127.0.0.1:9' }, 101],
      [{ origin: 'https://[::1]:9' }, 101],
      [{ origin: 'https://app.example' }, 101],
      [{ host: 'LOCALHOST:1' }, 101],
      [{ origin: 'https://evil.test' }, 403],
      [{ origin: 'null' }, 403],
      [{ origin: 'http://localhost.evil.test' }, 403],
      [{ origin: 'http://127.0.0.1.evil.test' }, 403],
      [{ origin: 'http://127.0.0.256' }, 403],
      [{ origin: 'http://localhost:99999' }, 403],
      [{ host: 'evil.test' }, 403],
      [{ host: '[::1' }, 403],
      [{ host: 'localhost6' }, 403],
    ]
    for (const [headers, status] of cases) {
      const socket = new WebSocket(`ws://127.0.0.1:${python.port}`, { headers })
      const got = await Promise.race([
        once(socket, 'upgrade').then(() => 101),
        once(socket, 'unexpected-response').then(([, response]) => response.statusCode),
      ])
      socket.on('error', () => {})
      socket.terminate()
      expect([headers, got]).toEqual([headers, status])
    }
    const socket = new WebSocket(`ws://127.0.0.1:${python.port}`, { origin: 'https://evil.test' })
    const [, response] = await once(socket, 'unexpected-response')
    expect(String((await once(response, 'data'))[0])).toContain('Origin "https://evil.test" may not connect')
    socket.on('error', () => {})
    socket.terminate()
  })

  it('answers plain HTTP with 426, and prints nothing about it', async (context) => {
    await using home = createTestHome()
    const python = await startPythonServer(context, home)
    for (const path of ['', 'any/path?query']) {
      expect((await fetch(`http://127.0.0.1:${python.port}/${path}`)).status).toBe(426)
    }
    await python.stop()
    expect(python.output().trim().split('\n')).toEqual([
      `[${python.id}] WebSocket server listening on port ${python.port}`,
      `[${python.id}] Stopped`,
    ])
  })
})
