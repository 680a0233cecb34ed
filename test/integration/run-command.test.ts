/** `wsyard run`: real commands of many kinds, their entries, signals and ends, and that nothing is left of them. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../src/registry/index.js'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { compileSchema, readSchema } from '../support/cli-schemas.js'
import { isLong } from '../support/length.js'
import {
  createTestHome,
  echoServer,
  projectRoot,
  type RunningProcess,
  spikeServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'
import { hasTerminal, startInTerminal } from '../support/terminal.js'

const wsyard = join(projectRoot, 'dist/bin/wsyard.js')
const child = join(projectRoot, 'test/support/run-child.py')
const nodeServer = join(projectRoot, 'test/support/run-server.js')
const python = 'python3'
const validate = compileSchema('run')

/** Other systems have no /proc, by which the tests see who runs; and what is found there later is the platform's. */
const onLinux = describe.runIf(process.platform === 'linux')

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

interface Run extends RunningProcess {
  /** What the command has printed. */
  out(): string
  /** What stands on the error output. */
  err(): string
  /** Gives the command a line of input. */
  tell(line: string): void
  /** The port and the pid of what it has printed that it has done, for the first time or another. */
  did(what: string, nth?: number): Promise<{ port: number; at: number; pid: number }>
  /** The events of --json so far. */
  events(): Record<string, unknown>[]
}

function start(
  options: readonly string[],
  command: readonly string[],
  env: Record<string, string> = {},
): Run {
  return dress(
    startProcess(process.execPath, [wsyard, 'run', ...options, '--', ...command], {
      env: { SHIPYARD_HOME: home.path, NO_COLOR: '1', ...env },
      input: true,
    }),
  )
}

/** The same command without wsyard: how it ends then is how it is to end with it. */
function startAlone([file = '', ...args]: readonly string[], env: Record<string, string> = {}): Run {
  return dress(startProcess(file, args, { input: true, env: { PORT: '0', ...env } }))
}

function dress(running: RunningProcess): Run {
  home.own(running) // what a wsyard that is killed has run ends as well
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    running.child[name]?.on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  return {
    ...running,
    out: () => texts.stdout,
    err: () => texts.stderr,
    tell: (line) => void running.child.stdin?.write(`${line}\n`),
    async did(what, nth = 0) {
      const line = `^${what} ?(\\d*).* at ([\\d.]+) by (\\d+)$`
      const [all] = await running.printed(new RegExp(`(?:${line}[\\s\\S]*?){${nth + 1}}`, 'm'))
      const [, port, at, pid] = [...all.matchAll(new RegExp(line, 'gm'))][nth] ?? []
      return { port: Number(port), at: Number(at), pid: Number(pid) }
    },
    events: () =>
      texts.stderr
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
  }
}

/** Resolves to the entries once they are at these ports and no others. */
async function entriesAt(ports: readonly number[]): Promise<Entry[]> {
  const entries = new Map<string, Entry>()
  return new Promise((resolve) => {
    const undo = registry.watch((event) => {
      if (event.type === 'snapshot') for (const entry of event.entries) entries.set(entry.id, entry)
      else
        for (const { type, entry } of event.changes) {
          if (type === 'removed') entries.delete(entry.id)
          else entries.set(entry.id, entry)
        }
      const found = [...entries.values()].map(({ port }) => port)
      if (found.sort().join() !== [...ports].sort().join()) return
      resolve([...entries.values()])
      setImmediate(() => undo())
    })
  })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  return stdout.trim().split(/\s+/).map(Number)
}

const hasEnded = (pid: number): Promise<void> => expect.poll(() => isRunning(pid)).toBe(false)

onLinux('registers what', () => {
  it('takes the port that it was given, with all that is said of it, until it is told to end', async () => {
    const command = [python, child, 'take']
    const options = ['--name', 'worker-a', '--meta', 'team=blue', '--meta', 'x=a=b', '--path', '/ws?v=1']
    const run = start([...options, '--owner', String(process.pid)], command)
    const server = await run.did('listening')
    const [entry] = await entriesAt([server.port])
    expect(entry).toMatchObject({
      name: 'worker-a',
      host: '127.0.0.1',
      pid: server.pid,
      path: '/ws?v=1',
      auth: 'open',
      meta: { team: 'blue', x: 'a=b' },
      owner: { pid: process.pid },
      scope: { directory: projectRoot.replace(/\/$/, '') },
    })
    await run.did('asked /ws\\?v=1')
    await run.did('heard 888000000000') // that it was closed, and not just gone
    const alone = startAlone(command)
    await alone.did('listening')
    const children = childrenOf(run.pid)
    expect(await run.stop('SIGTERM')).toBe(await alone.stop('SIGTERM'))
    expect(await registry.list()).toEqual([])
    expect(children).toContain(server.pid)
    expect(children.filter(isRunning)).toEqual([])
  })

  it('picks its own port at all addresses', async () => {
    const run = start([], [python, child, 'listen 0.0.0.0'])
    const { port, pid } = await run.did('listening')
    const [entry] = await entriesAt([port])
    expect(entry).toMatchObject({ host: '0.0.0.0', pid })
    expect(entry).not.toHaveProperty('name')
    expect(entry).not.toHaveProperty('path')
  })

  it('listens at ::1 alone, or at all addresses of both kinds', async () => {
    const run = start([], [python, child, 'listen ::1'])
    const { port } = await run.did('listening')
    expect(await entriesAt([port])).toMatchObject([{ host: '::1' }])
    run.tell(`close ${port}`)
    await entriesAt([])
    run.tell('listen ::')
    const second = await run.did('listening', 1)
    expect(await entriesAt([second.port])).toMatchObject([{ host: '::' }])
  })

  it('listens late, twice, and elsewhere later', async () => {
    const run = start(['--name', 'twice'], [python, child])
    await run.did('started')
    run.tell('listen')
    const first = await run.did('listening')
    await entriesAt([first.port])
    run.tell('listen')
    const second = await run.did('listening', 1)
    const both = await entriesAt([first.port, second.port])
    expect(both.map(({ name }) => name)).toEqual(['twice', 'twice'])
    run.tell(`close ${first.port}`)
    await entriesAt([second.port])
    run.tell('listen')
    const third = await run.did('listening', 2)
    await entriesAt([second.port, third.port])
    await run.printed(new RegExp(`as nothing of the command listens at port ${first.port} any more`))
  })

  it('comes and goes as often as it likes', async () => {
    const run = start([], [python, child])
    for (let round = 0; round < 3; round += 1) {
      run.tell('listen')
      const { port } = await run.did('listening', round)
      await entriesAt([port])
      run.tell(`close ${port}`)
      await entriesAt([])
    }
  })

  it('runs in a shell', async () => {
    const run = start([], ['sh', '-c', `${python} "${child}" take; exit 5`])
    const { port, pid } = await run.did('listening')
    expect(await entriesAt([port])).toMatchObject([{ pid }])
    expect(pid).not.toBe(Number((await run.printed(/started process (\d+)/))[1]))
    run.child.stdin?.end()
    expect(await run.ended).toBe(5)
    expect(await registry.list()).toEqual([])
  })

  it('runs in npm, as a process below one below it', async () => {
    const directory = join(home.path, '..', 'project')
    mkdirSync(directory)
    const scripts = { dev: `node ${JSON.stringify(nodeServer)}` }
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true, scripts }))
    const env = { npm_config_update_notifier: 'false', npm_config_cache: join(directory, 'cache') }
    const run = start(['--name', 'web'], ['npm', '--prefix', directory, 'run', 'dev'], env)
    const { port, pid } = await run.did('listening')
    expect(await entriesAt([port])).toMatchObject([{ pid, name: 'web', scope: { directory } }])
    await run.stop('SIGTERM')
    expect(await registry.list()).toEqual([])
    await hasEnded(pid)
  })

  it('forks, and ends while the new process has its port', async () => {
    const run = start([], ['sh', '-c', `${python} "${child}" listen fork wait; ${python} "${child}"`])
    const { port, pid } = await run.did('listening')
    const forked = await run.did('forked')
    expect(forked.pid).not.toBe(pid)
    await expect
      .poll(async () => (await registry.list()).map((entry) => [entry.port, entry.pid]))
      .toEqual([[port, forked.pid]])
    await hasEnded(pid)
  })

  it('shares its port among the processes of a cluster, as one', async () => {
    const run = start([], [process.execPath, nodeServer, '--workers', '2'])
    const { port } = await run.did('listening')
    await run.printed(/listening[\s\S]*listening/)
    await run.printed(/registered/)
    expect(await entriesAt([port])).toHaveLength(1)
  })

  it('has made a session of its own, as long as it is below the command', async () => {
    const run = start([], ['sh', '-c', `setsid ${python} "${child}" take wait & wait`])
    const { port, pid } = await run.did('listening')
    expect(await entriesAt([port])).toMatchObject([{ pid }])
    process.kill(pid, 'SIGKILL')
    await entriesAt([])
  })

  it('was handed its socket by a process outside', async () => {
    const path = join(home.path, '..', 'door')
    const giver = startAlone([python, child, 'listen', `give ${path}`])
    const { port } = await giver.did('listening')
    await giver.did('giving')
    const run = start([], [python, child, `receive ${path}`])
    const { pid } = await run.did('received')
    expect(await entriesAt([port])).toMatchObject([{ pid }])
  })
})

onLinux('does not register', () => {
  it.each([
    ['plain', 'answers with 404 Not Found\\.'],
    ['odd', 'answers with 101, but not to this handshake\\.'],
    ...(isLong ? [['deaf', 'has not answered within 5 s\\.']] : []),
  ])(
    'what is no WebSocket server (%s), says so once, and registers it when it has become one',
    async (manner, reason) => {
      const run = start(['--protocol', 'chat'], [python, child, manner, 'take'])
      const { port } = await run.did('listening')
      await run.printed(new RegExp(`port ${port} is not registered, as it ${reason}`))
      expect(await registry.list()).toEqual([])
      run.tell('accept')
      await entriesAt([port])
      expect(run.err().match(/is not registered/g)).toHaveLength(1)
    },
  )

  it('what never listens', async () => {
    const run = start([], [python, child])
    await run.did('started')
    run.child.stdin?.end()
    expect(await run.ended).toBe(0)
    expect(run.err()).not.toContain('registered')
  })

  it.each([
    ['wsyard', [process.execPath, echoServer, '--name', 'own'], 'own'],
    ['the format of the spike', [process.execPath, spikeServer], undefined],
  ])('what registers itself by %s', async (_by, command, name) => {
    const run = start(['--name', 'lost'], command)
    const [, id = '', port = ''] = await run.printed(
      /^\[([^\]]+)\] WebSocket server listening on port (\d+)$/m,
    )
    await run.printed(new RegExp(`port ${port} has registered itself as ${id}, .*--name has no effect on it`))
    const entries = await entriesAt([Number(port)])
    expect(entries).toMatchObject([{ id }])
    expect(entries[0]?.name).toBe(name)
    const alone = startAlone(command, { SHIPYARD_HOME: home.path })
    await alone.printed(/listening/)
    expect(await run.stop('SIGTERM')).toBe(await alone.stop('SIGTERM'))
    expect(await registry.list()).toEqual([])
  })

  it('for longer than two seconds what registers itself when it has been registered', async () => {
    const run = start(['--name', 'lost'], [process.execPath, nodeServer, '--register-late'])
    await run.printed(/has registered itself/)
    await expect.poll(async () => (await registry.list()).map(({ name }) => name)).toEqual(['late'])
    expect(await run.stop('SIGTERM')).toBe(0)
  })

  it('twice what runs in another wsyard run', async () => {
    const inner = [process.execPath, wsyard, 'run', '--name', 'inner', '--', python, child, 'take']
    const run = start(['--name', 'outer'], inner)
    const { port } = await run.did('listening')
    await run.printed(/has registered itself/)
    expect(await entriesAt([port])).toHaveLength(1)
    run.child.stdin?.end()
    expect(await run.ended).toBe(0)
  })
})

onLinux('ends as what it runs', () => {
  it.each([
    ['with 0', ['exit 0'], 0],
    ['with 3', ['exit 3'], 3],
    ['by SIGTERM', ['die SIGTERM'], 'SIGTERM'],
    ['by SIGKILL', ['take', 'die SIGKILL'], 'SIGKILL'],
    ...(isLong ? ['SIGSEGV', 'SIGABRT', 'SIGUSR1'] : []).map((signal): [string, string[], string] => [
      `by ${signal}`,
      [`die ${signal}`],
      signal,
    ]),
  ])('%s', async (_how, words, end) => {
    const command = [python, child, ...words]
    const run = start([], command)
    expect(await startAlone(command).ended).toBe(end)
    expect(await run.ended).toBe(end)
    expect(run.out()).toMatch(/^started .*\n/)
    expect(await registry.list()).toEqual([])
  })

  it('with the code of shells by SIGPIPE, which Node does not end by', async () => {
    const command = ['sh', '-c', 'kill -s PIPE $$']
    const run = start([], command)
    expect(await startAlone(command).ended).toBe('SIGPIPE')
    expect(await run.ended).toBe(128 + 13)
  })

  it('and is killed, when its server was', async () => {
    const run = start([], [python, child, 'take'])
    const { port, pid } = await run.did('listening')
    await entriesAt([port])
    process.kill(pid, 'SIGKILL')
    await entriesAt([])
    expect(await run.ended).toBe('SIGKILL')
  })

  it('with its input and output as they are', async () => {
    const run = start(['--quiet'], ['sh', '-c', 'cat; echo problem >&2'])
    run.child.stdin?.end('a\0b\x1b[2Jno newline')
    expect(await run.ended).toBe(0)
    expect([run.out(), run.err()]).toEqual(['a\0b\x1b[2Jno newline', 'problem\n'])
  })

  it('when nobody reads what wsyard says', async () => {
    const run = start([], [python, child])
    await run.did('started')
    run.child.stderr?.destroy()
    run.tell('listen')
    const { port } = await run.did('listening')
    await entriesAt([port])
    run.tell('exit 3')
    expect(await run.ended).toBe(3)
  })

  it('with the arguments that it was given', async () => {
    const run = start(
      ['--quiet'],
      ['sh', '-c', 'printf "<%s>" "$@"', 'sh', '--name', '', '--', '-x y', '--help'],
    )
    expect(await run.ended).toBe(0)
    expect(run.out()).toBe('<--name><><--><-x y><--help>')
  })

  it('with 127 when there is no such command, and 126 when it cannot be started', async () => {
    const file = join(home.path, '..', 'text')
    writeFileSync(file, 'not a program')
    const [missing, closed] = [start([], ['no-such-command']), start(['--json'], [file])]
    expect(await missing.ended).toBe(127)
    expect(missing.err()).toContain('error There is no command "no-such-command". Look')
    expect(await closed.ended).toBe(126)
    expect(closed.events()).toMatchObject([{ type: 'failed', code: 126 }])
    expect(closed.err()).toContain('it may not be executed. Is it a program')
  })

  it.each([
    [[], /there is nothing to run\. .*wsyard run --name api -- node server\.js/],
    [['--name', 'a b', '--', 'true'], /--name <name>.*letter or digit/],
    [['--meta', 'team', '--', 'true'], /--meta <key=value>.*team=blue/],
    [['--path', 'ws', '--', 'true'], /--path <path>.*must start with \//],
    [['--port-env', '1A', '--', 'true'], /--port-env <variable>.*as in PORT/],
    [['--owner', 'me', '--', 'true'], /--owner <pid>.*number of a process/],
  ])('or with 2 for %j, and runs nothing', async (args, message) => {
    const run = dress(startProcess(process.execPath, [wsyard, 'run', ...args]))
    expect(await run.ended).toBe(2)
    expect(run.err()).toMatch(message)
  })
})

onLinux('hands on', () => {
  it('each signal once, to what is in a shell too if a terminal sends it', async () => {
    const run = start([], ['sh', '-c', `trap '' INT HUP QUIT; node "${nodeServer}"; exit 4`])
    const { pid } = await run.did('listening')
    await run.printed(/registered/)
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGWINCH', 'SIGINT'] as const) {
      const before = run.out().split('got').length
      run.child.kill(signal)
      await expect.poll(() => run.out().split('got').length).toBe(before + 1)
    }
    expect(run.out().match(/got \w+/g)).toEqual(['got SIGINT', 'got SIGHUP', 'got SIGWINCH', 'got SIGINT'])
    process.kill(pid, 'SIGTERM')
    expect(await run.ended).toBe(4)
  })

  it('SIGUSR1 and SIGUSR2 to the command', async () => {
    const run = start([], [process.execPath, nodeServer])
    await run.did('listening')
    for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) {
      run.child.kill(signal)
      await run.printed(new RegExp(`got ${signal}`))
    }
    expect(await run.stop('SIGTERM')).toBe(0)
    expect(run.out().match(/got/g)).toHaveLength(2)
  })

  it('SIGTERM to a command that ignores it, which stays registered; and when it is killed nothing is left', async () => {
    const run = start([], [python, child, 'ignore SIGTERM', 'count SIGUSR1', 'take', 'leave'])
    const { port, pid } = await run.did('listening')
    const left = await run.did('left')
    const other = await run.did('listening', 1)
    await entriesAt([port, other.port])
    run.child.kill('SIGTERM')
    run.child.kill('SIGUSR1')
    await run.did('got SIGUSR1')
    expect(await registry.list()).toHaveLength(2)
    run.child.kill('SIGKILL')
    await run.ended
    await hasEnded(left.pid) // both of which ignore SIGTERM
    await hasEnded(pid)
    await entriesAt([])
  })

  it('nothing when it is killed itself, and what it ran ends all the same', async () => {
    const run = start([], ['sh', '-c', `${python} "${child}" take; true`])
    const { port, pid } = await run.did('listening')
    await entriesAt([port])
    const children = childrenOf(run.pid) // the shell, and the one that watches over it
    expect(children).toHaveLength(2)
    run.child.kill('SIGKILL')
    await entriesAt([])
    await hasEnded(pid)
    await hasEnded(Number((await run.printed(/started process (\d+)/))[1]))
    for (const other of children) await hasEnded(other)
  })

  it('nothing when it is killed itself, and what it ran in other process groups ends too', async () => {
    const run = start([], ['sh', '-c', `${python} "${child}" group take wait; true`])
    const { port, pid } = await run.did('listening')
    await entriesAt([port])
    run.child.kill('SIGKILL')
    await hasEnded(pid)
    await hasEnded(Number((await run.printed(/started process (\d+)/))[1]))
  })

  it.runIf(hasTerminal)('Ctrl+C in a terminal, once', async () => {
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1', TERM: 'dumb' }
    const terminal = startInTerminal([wsyard, 'run', '--', process.execPath, nodeServer], { env })
    home.own(terminal)
    await terminal.printed(/registered/)
    terminal.type('\x03')
    await terminal.printed(/got SIGINT/)
    terminal.type('\x1c') // Ctrl+\, by which Node ends
    await terminal.ended
    expect(terminal.output().match(/got SIGINT/g)).toHaveLength(1)
    expect(terminal.output()).toContain('the command has ended by SIGQUIT')
    expect(await registry.list()).toEqual([])
  })

  it.runIf(hasTerminal)('what is typed, to a command that sees a terminal', async () => {
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1', TERM: 'dumb' }
    const script = 'test -t 0 && test -t 1 && read line && echo "typed <$line>"'
    const terminal = startInTerminal([wsyard, 'run', '--quiet', '--', 'sh', '-c', script], { env })
    home.own(terminal)
    terminal.type('hello\n')
    expect(await terminal.ended).toBe(0)
    expect(terminal.output()).toContain('typed <hello>')
  })
})

onLinux('leaves nothing behind', () => {
  it.each([
    ['in its process group', 'leave'],
    ...(isLong ? [['in a group of its own, and ignoring SIGTERM', 'ignore SIGTERM']] : []),
  ])('%s', async (_where, how) => {
    const script =
      how === 'leave'
        ? `${python} "${child}" leave "exit 3"`
        : `${python} "${child}" group "ignore SIGTERM" leave "exit 3"; exit 3`
    const run = start([], ['sh', '-c', script])
    const left = await run.did('left')
    expect(await run.ended).toBe(3)
    expect(isRunning(left.pid)).toBe(false)
    expect(await registry.list()).toEqual([])
  })
})

onLinux('with --restart', () => {
  it('starts it again after a crash, later each time, until it ends with 0', async () => {
    const count = join(home.path, '..', 'count')
    const script = `echo x >> "${count}"; test "$(wc -l < "${count}")" -ge 4 || exit 7`
    const run = start(['--restart', '--json'], ['sh', '-c', script])
    expect(await run.ended).toBe(0)
    expect(readFileSync(count, 'utf8')).toBe('x\n'.repeat(4))
    const types = run.events().map(({ type }) => type)
    expect(types).toEqual([
      ...['started', 'exited', 'restarting'],
      ...['started', 'exited', 'restarting'],
      ...['started', 'exited', 'restarting'],
      ...['started', 'exited'],
    ])
    const pauses = run.events().flatMap(({ delayMs }) => (typeof delayMs === 'number' ? [delayMs] : []))
    expect(pauses[0]).toBeLessThanOrEqual(10)
    expect(pauses[1]).toBeGreaterThanOrEqual(50)
    expect(pauses[2]).toBeGreaterThanOrEqual(100)
    expect(run.events().filter(({ code }) => code === 7)).toHaveLength(3)
  })

  it('registers what was killed under its name again', async () => {
    const run = start(
      ['--restart', '--name', 'worker-a', '--port-env', 'WS'],
      ['sh', '-c', `PORT=$WS exec ${python} "${child}" take`],
    )
    const first = await run.did('listening')
    await entriesAt([first.port])
    process.kill(first.pid, 'SIGKILL')
    const { port, pid } = await run.did('listening', 1)
    expect(await entriesAt([port])).toMatchObject([{ name: 'worker-a', pid }])
    await run.printed(/the command has ended by SIGKILL\..*\n.*started again at once\./)
    expect(await run.stop('SIGTERM')).toBe('SIGTERM') // which was asked for, and is no crash
  })

  it('ends by a signal while it waits', async () => {
    const run = start(['--restart', '--json'], ['sh', '-c', 'exit 1'])
    await expect
      .poll(() => run.events().some(({ delayMs }) => typeof delayMs === 'number' && delayMs > 700))
      .toBe(true)
    expect(await run.stop('SIGTERM')).toBe('SIGTERM')
  })

  it('does not start again what has ended because it was told to, with whatever code', async () => {
    const script = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done'
    const run = start(['--restart'], ['sh', '-c', script])
    await run.printed(/ready/)
    expect(await run.stop('SIGTERM')).toBe(9)
  })

  it('does not start again what is not there', async () => {
    expect(await start(['--restart'], ['no-such-command']).ended).toBe(127)
  })
})

onLinux('with --json', () => {
  it('tells what happens in lines of its schema', async () => {
    const run = start(['--json', '--name', 'a', '--restart'], [python, child, 'take'])
    const { port, pid } = await run.did('listening')
    const [entry] = await entriesAt([port])
    run.tell('plain')
    run.tell('listen')
    await run.printed(/"unanswered"/)
    process.kill(pid, 'SIGKILL')
    await run.printed(/"restarting"[\s\S]*"registered"/) // all on one stream, hence in this order
    await run.stop('SIGTERM')
    const own = start(['--json', '--no-port'], [process.execPath, echoServer])
    await own.printed(/"left-alone"/)
    await own.stop('SIGTERM')
    const failed = start(['--json'], ['no-such-command'])
    await failed.ended
    const events = [...run.events(), ...own.events(), ...failed.events()]
    for (const event of events) expect(validate(event), JSON.stringify([event, validate.errors])).toBe(true)
    const seen = [...new Set(events.map(({ type }) => type))].sort()
    const types = (readSchema('run').oneOf as { title: string }[]).map(({ title }) => title)
    expect(seen).toEqual(types.filter((type) => type !== 'warning').sort())
    expect(run.events()[0]).toEqual({ type: 'started', pid, port })
    const [registered] = run.events().filter(({ type }) => type === 'registered')
    expect(registered).toMatchObject({ entry: { id: entry?.id, pid, port, name: 'a' } })
    expect(own.events()[0]).toMatchObject({ port: null })
  })
})

onLinux('a registry that cannot be written', () => {
  it('does not keep the command from running, and is told', async () => {
    writeFileSync(join(home.path, '..', 'file'), '')
    const run = start([], [python, child, 'take'], { SHIPYARD_HOME: join(home.path, '..', 'file') })
    await run.printed(/is not registered, as it cannot be registered: /)
    run.tell('exit 6')
    expect(await run.ended).toBe(6)
  })
})
