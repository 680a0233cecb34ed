/** `wsyard connect` as somebody at a terminal uses it: editing, history, and what comes while they type. */
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { createServer } from '../../src/server/index.js'
import { wsyard } from '../support/command.js'
import { createTestHome, startProcess, type TestHome } from '../support/processes.js'
import { startRawServer } from '../support/raw-socket.js'
import { screenOf } from '../support/screen.js'
import { hasTerminal, startInTerminal, type TerminalProcess } from '../support/terminal.js'

const keys = { left: '\x1b[D', up: '\x1b[A', end: '\x04', interrupt: '\x03' }

describe.runIf(hasTerminal)('in a terminal', () => {
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

  const env = (): Record<string, string> => ({ SHIPYARD_HOME: home.path, NO_COLOR: '1', TERM: 'xterm' })
  /** Starts it and waits for the prompt. */
  const connect = async (...args: string[]): Promise<TerminalProcess> => {
    const terminal = home.own(startInTerminal([wsyard, 'connect', 'worker-a', ...args], { env: env() }))
    await terminal.printed(/Connected to worker-a[\s\S]*> /)
    return terminal
  }
  const startServer = async (onConnection: (socket: WebSocket) => void = echo): Promise<void> => {
    const server = await createServer({ registry, name: 'worker-a', onConnection })
    home.onCleanUp(() => server.close())
  }

  /** Types one key after the other, as a person does. */
  const typeKeys = async (terminal: TerminalProcess, ...pressed: string[]): Promise<void> => {
    for (const key of pressed) {
      const before = terminal.output().length
      terminal.type(key)
      await expect.poll(() => terminal.output().length).toBeGreaterThan(before)
    }
  }

  it('a line is edited before it is sent', async () => {
    await startServer()
    const terminal = await connect()
    await typeKeys(terminal, 'helo', keys.left, 'l', '\n')
    await terminal.printed(/Echo: hello\r\n/)
    terminal.type(keys.end)
    expect(await terminal.ended).toBe(0)
    const [, ...lines] = screenOf(terminal.output())
    expect(lines).toEqual(['> hello', 'Echo: hello', 'Closed.'])
  })

  it('arrow up calls back what was sent, also before this time, and nobody else may read that', async () => {
    await startServer()
    const first = await connect()
    first.type('one\ntwo\n\ntwo\n')
    await first.printed(/Echo: two[\s\S]*Echo: \r\n[\s\S]*Echo: two/)
    first.type(keys.interrupt)
    expect(await first.ended).toBe(0)
    const path = join(home.path, 'connect-history')
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)

    const second = await connect()
    second.type(`three\n`)
    await second.printed(/Echo: three/)
    await typeKeys(second, keys.up, keys.up, keys.up, '!', '\n')
    await second.printed(/Echo: one!/)
    second.type(keys.end)
    expect(await second.ended).toBe(0)
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\none!\n')
  })

  it('of what was sent no more than five hundred lines are kept', async () => {
    await startServer()
    const lines = Array.from({ length: 500 }, (_, number) => `line ${number}\n`)
    const path = join(home.path, 'connect-history')
    writeFileSync(path, lines.join(''), { mode: 0o600 })
    const terminal = await connect()
    terminal.type('last\n')
    await terminal.printed(/Echo: last/)
    terminal.type(keys.end)
    expect(await terminal.ended).toBe(0)
    expect(readFileSync(path, 'utf8')).toBe(`${lines.slice(1).join('')}last\n`)
  })

  it('it talks without a history where something else has its name', async () => {
    await startServer()
    // Nobody ever writes to it.
    await startProcess('mkfifo', [join(home.path, 'connect-history')]).ended
    const terminal = await connect()
    terminal.type('hi\n')
    await terminal.printed(/Echo: hi/)
    terminal.type(keys.end)
    expect(await terminal.ended).toBe(0)
    expect(
      terminal.output().match(/warning Cannot read what was typed before from .*connect-history: it is not/g),
    ).toHaveLength(1)
  })

  it('what comes stands above the line that is being typed', async () => {
    const opened = new Promise<WebSocket>((resolve) => void startServer(resolve))
    await expect.poll(async () => (await registry.list()).length).toBe(1)
    const terminal = await connect()
    const socket = await opened
    await typeKeys(terminal, 'h', 'a', keys.left)
    socket.send('news\nand more')
    await terminal.printed(/and more\r\n[\s\S]*> ha\S+$/)
    expect(screenOf(terminal.output()).slice(1)).toEqual(['news', 'and more', '> ha'])
    const sent = once(socket, 'message')
    await typeKeys(terminal, 'o', 't', '\n')
    expect(String((await sent)[0])).toBe('hota')
    terminal.type(keys.end)
    expect(await terminal.ended).toBe(0)
  })

  it('so it does when that line goes over several rows, of which none is lost or doubled', async () => {
    const opened = new Promise<WebSocket>((resolve) => void startServer(resolve))
    await expect.poll(async () => (await registry.list()).length).toBe(1)
    const command = `stty cols 20 rows 40; exec '${process.execPath}' '${wsyard}' connect worker-a`
    const terminal = home.own(
      startProcess('script', ['-qefc', command, '/dev/null'], { env: env(), input: true }),
    )
    await terminal.printed(/Connected to worker-a[\s\S]*> /)
    const socket = await opened
    terminal.child.stdin?.write('0123456789abcdefghijklmnopqrstuvwxyz0123456789')
    await terminal.printed(/3456789$/)
    socket.send('news')
    await terminal.printed(/news\r\n[\s\S]*xyz0123456789/)
    socket.send('more')
    await terminal.printed(/more\r\n[\s\S]*xyz0123456789/)
    expect(screenOf(terminal.output(), 20).slice(-5)).toEqual([
      'news',
      'more',
      '> 0123456789abcdefgh',
      'ijklmnopqrstuvwxyz01',
      '23456789',
    ])
    terminal.child.stdin?.write(keys.interrupt)
    expect(await terminal.ended).toBe(0)
  })

  it('it goes on after Ctrl+Z and fg', async () => {
    await startServer()
    const shell = home.own(
      startProcess('script', ['-qefc', 'bash --norc --noprofile -i', '/dev/null'], {
        env: env(),
        input: true,
      }),
    )
    const type = (text: string): void => void shell.child.stdin?.write(text)
    type(`'${process.execPath}' '${wsyard}' connect worker-a\n`)
    await shell.printed(/Connected to worker-a[\s\S]*> /)
    type('\x1a')
    await shell.printed(/Stopped/)
    type('fg\n')
    await shell.printed(/fg\r\n[\s\S]*> /)
    type('hi\n')
    await shell.printed(/Echo: hi\r\n/)
    type(keys.end)
    await shell.printed(/Closed\./)
    type('exit\n')
    expect(await shell.ended).toBe(0)
  })

  it('a second Ctrl+C ends it at once, with the terminal as it was and the history kept', async () => {
    let received = 0
    const deaf = await startRawServer((socket) => {
      socket.on('data', ({ length }) => {
        received += length
      })
      socket.resume()
    })
    home.onCleanUp(() => deaf.close())
    await registry.register({ port: deaf.port, name: 'worker-a' })
    const command = `trap : INT; '${process.execPath}' '${wsyard}' connect worker-a; echo "ended $?"; stty -a`
    const terminal = home.own(
      startProcess('script', ['-qefc', command, '/dev/null'], { env: env(), input: true }),
    )
    await terminal.printed(/Connected to worker-a[\s\S]*> /)
    terminal.child.stdin?.write('remember\n')
    await expect.poll(() => received).toBe(14) // a masked message of eight bytes
    terminal.child.stdin?.write(keys.interrupt)
    await expect.poll(() => received).toBe(22) // and a close, which is not answered
    terminal.child.stdin?.write(keys.interrupt)
    await terminal.printed(/ended \d+[\s\S]*[^-]icanon/)
    expect(readFileSync(join(home.path, 'connect-history'), 'utf8')).toBe('remember\n')
    await terminal.ended
  })

  it('a line that is no binary message is not sent, and the next one may be', async () => {
    await startServer()
    const terminal = await connect('--binary', 'hex')
    terminal.type('zz\n')
    await terminal.printed(/Not sent, as "zz" is not hex\./)
    terminal.type('00 ff\n')
    await terminal.printed(/00ff\r\n/)
    terminal.type(keys.end)
    expect(await terminal.ended).toBe(0)
  })

  it('what is half typed is gone when it ends, and stands before nothing', async () => {
    await startServer()
    const terminal = await connect()
    terminal.type('never se')
    await terminal.printed(/never se/)
    terminal.type(keys.interrupt)
    expect(await terminal.ended).toBe(0)
    expect(screenOf(terminal.output()).slice(1)).toEqual(['Closed.'])
  })
})

const echo = (socket: WebSocket): void =>
  void socket.on('message', (data, isBinary) => socket.send(isBinary ? data : `Echo: ${data}`))
