/** `wsyard run`: how real commands end, by themselves or by signals, that nothing is left of them, and when they are started again. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileSchema, readSchema } from '../support/cli-schemas.js'
import { isLong } from '../support/length.js'
import { echoServer } from '../support/processes.js'
import { child, childLine, childrenOf, eachWithStage, hasEnded, isRunning } from '../support/run-stage.js'
import { hasTerminal } from '../support/terminal.js'

const validate = compileSchema('run')

/** Other systems have no /proc, by which the tests see who runs; and what is found there later is the platform's. */
const onLinux = describe.runIf(process.platform === 'linux')

const stage = eachWithStage()
const { start, startAlone, entriesAt } = stage

/** Why those have gone that have, by name, the latest first. */
const reasons = async (): Promise<string[]> =>
  (await stage.registry.removed()).map(({ entry, reason }) => `${entry.name ?? ''} ${reason}`)

const largeMeta = `x=${'a'.repeat(5000)}`

const wrongOptions: readonly [string, string[], RegExp][] = [
  ['2', ['--name', 'a b'], /--name <name>.*letter or digit/],
  ['2', ['--meta', 'team'], /--meta <key=value>.*team=blue/],
  ['2', ['--path', 'ws'], /--path <path>.*must start with \//],
  ['2', ['--port-env', '1A'], /--port-env <variable>.*as in PORT/],
  ['2', ['--owner', 'me'], /--owner <pid>.*number of a process/],
]

onLinux('ends as what it runs', () => {
  it.runIf(isLong).each([
    ['exit 0', 0],
    ['die SIGTERM', 'SIGTERM'],
    ['die SIGKILL', 'SIGKILL'],
    ['die SIGSEGV', 'SIGSEGV'],
    ['die SIGABRT', 'SIGABRT'],
    ['die SIGUSR1', 'SIGUSR1'],
  ])('without wsyard: %s', async (word, end) => {
    const command = child('take', word)
    expect(await startAlone(command).ended).toBe(end)
    expect(await start([], command).ended).toBe(end)
    expect(await stage.registry.list()).toEqual([])
  })

  it('with the code of shells by SIGPIPE, which Node does not end by', async () => {
    expect(await start([], ['sh', '-c', 'kill -s PIPE $$']).ended).toBe(128 + 13)
  })

  it('with its input, output and arguments as they are', async () => {
    const script = 'printf "<%s>" "$@"; cat; echo problem >&2'
    const run = start(['--quiet'], ['sh', '-c', script, 'sh', '--name', '', '--', '-x y', '--help'])
    run.child.stdin?.end('a\0b\x1b[2Jno newline')
    expect(await run.ended).toBe(0)
    expect(run.out()).toBe('<--name><><--><-x y><--help>a\0b\x1b[2Jno newline')
    expect(run.err()).toBe('problem\n')
  })

  it('when nobody reads what wsyard says', async () => {
    const run = start([], child())
    await run.did('started')
    run.child.stderr?.destroy()
    run.tell('listen')
    const { port } = await run.did('listening')
    await entriesAt([port])
    run.tell('exit 3')
    expect(await run.ended).toBe(3)
  })

  it('with 127 when there is no such command, with --restart too, and 126 when it cannot be started', async () => {
    const file = join(stage.home.path, '..', 'text')
    writeFileSync(file, 'not a program')
    const [missing, closed] = [start(['--restart'], ['no-such-command']), start(['--json'], [file])]
    expect(await missing.ended).toBe(127)
    expect(missing.err()).toContain('error There is no command "no-such-command". Look')
    expect(await closed.ended).toBe(126)
    expect(closed.events()).toMatchObject([{ type: 'failed', code: 126 }])
    for (const event of closed.events()) expect(validate(event)).toBe(true)
    expect(closed.err()).toContain('it may not be executed. Is it a program')
  })

  it.each([
    ...(isLong ? wrongOptions : []),
    ['2', ['--meta', largeMeta], /meta must be JSON of at most 4096 bytes/],
    ['1', ['--owner', '1073741824'], /no process has the pid 1073741824/],
  ])('or with %s for wrong options, and runs nothing: %#', async (code, options, message) => {
    const run = start(options, ['echo', 'hello'])
    expect(await run.ended).toBe(Number(code))
    expect(run.err()).toMatch(message)
    expect(run.out()).toBe('')
  })

  it.runIf(isLong)('or with 2 when there is nothing to run', async () => {
    const run = start([], [])
    expect(await run.ended).toBe(2)
    expect(run.err()).toMatch(/there is nothing to run\. .*wsyard run --name api -- node server\.js/)
  })
})

onLinux('has a server gone from the registry', () => {
  it('as one that exited when it has crashed, itself or below a shell that ends so too, and else as one that deregistered', async () => {
    const runs = [
      start(['--name', 'own'], child('take')),
      start(['--name', 'below'], ['sh', '-c', `${childLine('take')}; exit $?`]),
      start(['--name', 'done'], child('take')),
    ] as const
    const [own, below, done] = runs
    const servers = await Promise.all(runs.map((run) => run.did('listening')))
    await entriesAt(servers.map(({ port }) => port))
    for (const { pid } of servers.slice(0, 2)) process.kill(pid, 'SIGKILL')
    expect(await own.ended).toBe('SIGKILL')
    expect(await below.ended).toBe(137)
    expect(own.err()).toMatch(/deregistered .*, as its process has ended by a crash\./)
    done.child.stdin?.end()
    expect(await done.ended).toBe(0)
    expect(done.err()).toMatch(/deregistered .*, as the command has ended\./)
    expect((await reasons()).sort()).toEqual(['below exited', 'done deregistered', 'own exited'])
  })
})

onLinux('hands on', () => {
  it('each signal once, to what is in a shell too if a terminal sends it', async () => {
    const counting = childLine('count SIGINT', 'count SIGHUP', 'count SIGWINCH', 'take', 'wait')
    const run = start([], ['sh', '-c', `trap '' INT HUP QUIT; ${counting}; exit 4`])
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

  it('SIGTERM, SIGUSR1 and SIGUSR2 to the command, which stays registered if it ignores them; and when it is killed nothing is left', async () => {
    const run = start([], child('ignore SIGTERM', 'count SIGUSR1', 'count SIGUSR2', 'take', 'leave'))
    const { port, pid } = await run.did('listening')
    const left = await run.did('left')
    const other = await run.did('listening', 1)
    await entriesAt([port, other.port])
    run.child.kill('SIGTERM')
    run.child.kill('SIGUSR1')
    await run.did('got SIGUSR1')
    run.child.kill('SIGUSR2')
    await run.did('got SIGUSR2')
    expect(await stage.registry.list()).toHaveLength(2)
    run.child.kill('SIGKILL')
    await run.ended
    await hasEnded(left.pid) // both of which ignore SIGTERM
    await hasEnded(pid)
    await entriesAt([])
    expect(run.out().match(/got/g)).toHaveLength(2)
  })

  it.runIf(hasTerminal)('what is typed in a terminal, which it sees, and Ctrl+C once', async () => {
    const script = `test -t 0 && test -t 1 && read line && echo "typed <$line>"; exec ${childLine('count SIGINT', 'take')}`
    const terminal = stage.startInTerminal([], ['sh', '-c', script])
    terminal.type('hello\n')
    await terminal.printed(/typed <hello>[\s\S]*: registered/)
    terminal.type('\x03')
    await terminal.printed(/got SIGINT/)
    terminal.type('\x1c') // Ctrl+\
    await terminal.ended
    expect(terminal.output().match(/got SIGINT/g)).toHaveLength(1)
    expect(terminal.output()).toContain('the command has ended by SIGQUIT')
    expect(await stage.registry.list()).toEqual([])
  })

  it.runIf(hasTerminal)('nothing that is typed while it runs in the background of a shell', async () => {
    const shell = stage.startShell()
    shell.type('wsyard run --quiet -- cat &\n')
    shell.type('wait; echo "ended $?"\n')
    await shell.printed(/ended 0/)
    shell.type('exit 5\n')
    expect(await shell.ended).toBe(5)
  })
})

onLinux('leaves nothing behind', () => {
  it.each([
    ['in its process group', childLine('leave', 'exit 3')],
    ...(isLong
      ? [
          [
            'in a group of its own, and ignoring SIGTERM',
            `${childLine('group', 'ignore SIGTERM', 'leave', 'exit 3')}; exit 3`,
          ],
        ]
      : []),
  ])('%s', async (_where, script = '') => {
    const run = start([], ['sh', '-c', script])
    const left = await run.did('left')
    expect(await run.ended).toBe(3)
    expect(isRunning(left.pid)).toBe(false)
    expect(await stage.registry.list()).toEqual([])
    expect(run.err()).toMatch(/ended and left processe?s? [\d, ]+ running: .*\n.*left running has ended\./)
  })

  it('in a session of its own, when it is told to end', async () => {
    const run = start([], ['sh', '-c', `setsid ${childLine('take', 'wait')} & wait`])
    const { port, pid } = await run.did('listening')
    await entriesAt([port])
    expect(await run.stop('SIGTERM')).toBe('SIGTERM')
    expect(isRunning(pid)).toBe(false)
    expect(await stage.registry.list()).toEqual([])
  })

  it('in sessions, process groups and its own when it is killed itself', async () => {
    const apart = `setsid ${childLine('take', 'wait')} & ${childLine('group', 'listen', 'wait')}; true`
    const run = start([], ['sh', '-c', apart])
    const [first, second] = [await run.did('listening'), await run.did('listening', 1)]
    await entriesAt([first.port, second.port])
    const children = childrenOf(run.pid) // the shell, and the one that watches over it
    expect(children).toHaveLength(2)
    run.child.kill('SIGKILL')
    await entriesAt([])
    for (const pid of [first.pid, second.pid, ...children]) await hasEnded(pid)
  })

  it('in a session of its own after a crash, before it is started again', async () => {
    const script = `setsid ${childLine('take', 'wait')} & read line; exit 7`
    const run = start(['--restart'], ['sh', '-c', script])
    const first = await run.did('listening')
    await entriesAt([first.port])
    run.tell('go')
    const second = await run.did('listening', 1)
    expect(isRunning(first.pid)).toBe(false)
    expect(await entriesAt([second.port])).toMatchObject([{ pid: second.pid }])
    await run.stop('SIGTERM')
    expect(isRunning(second.pid)).toBe(false)
  })
})

onLinux('leaves what is ending by Ctrl+C', () => {
  const script = `trap 'exit 3' INT; ${childLine('count SIGINT', 'count SIGTERM', 'listen', 'wait')} & wait`

  it('alone until it has ended', async () => {
    const run = start([], ['sh', '-c', script])
    const { pid } = await run.did('listening')
    run.child.kill('SIGINT')
    await run.did('got SIGINT')
    await run.printed(new RegExp(`has ended, and process ${pid} not yet\\. What runs after 5 s is ended`))
    process.kill(pid, 'SIGKILL')
    expect(await run.ended).toBe(3)
    expect(run.out()).not.toContain('got SIGTERM')
  })

  it('until Ctrl+C comes again, by which it is killed at once', async () => {
    const run = start(['--json', '--restart'], ['sh', '-c', script])
    const { pid } = await run.did('listening')
    run.child.kill('SIGINT')
    await run.printed(/"ending-rest"/)
    run.child.kill('SIGINT')
    expect(await run.ended).toBe(3)
    expect(isRunning(pid)).toBe(false)
    expect(run.out()).not.toContain('got SIGTERM')
    expect(run.events()).toContainEqual({ type: 'ending-rest', pids: [pid], isTold: true })
    expect(run.events()).toContainEqual({ type: 'rest-ended', pids: [] })
  })
})

onLinux('with --restart', () => {
  it('starts it again after a crash, later each time, until it ends with 0', async () => {
    const count = join(stage.home.path, '..', 'count')
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

  it('registers what was killed under its name again, and lets it end by a SIGTERM of whomever', async () => {
    const run = start(
      ['--restart', '--name', 'worker-a', '--port-env', 'WS'],
      ['sh', '-c', `PORT=$WS exec ${childLine('take')}`],
    )
    const first = await run.did('listening')
    await entriesAt([first.port])
    process.kill(first.pid, 'SIGKILL')
    const { port, pid } = await run.did('listening', 1)
    expect(await entriesAt([port])).toMatchObject([{ name: 'worker-a', pid }])
    await run.printed(/the command has ended by SIGKILL\..*\n.*started again at once\./)
    process.kill(pid, 'SIGTERM')
    expect(await run.ended).toBe('SIGTERM')
    expect(await reasons()).toEqual(['worker-a deregistered', 'worker-a exited'])
  })

  it('ends by a signal while it waits', async () => {
    const run = start(['--restart', '--json'], ['sh', '-c', 'exit 1'])
    await expect
      .poll(() => run.events().some(({ delayMs }) => typeof delayMs === 'number' && delayMs > 200))
      .toBe(true)
    expect(await run.stop('SIGTERM')).toBe('SIGTERM')
  })

  it('does not start again what has ended because it was told to, with whatever code', async () => {
    const script = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done'
    const run = start(['--restart'], ['sh', '-c', script])
    await run.printed(/ready/)
    expect(await run.stop('SIGTERM')).toBe(9)
  })

  it('does not start again what nobody wants any more', async () => {
    const owner = startAlone(child())
    const run = start(['--restart', '--owner', String(owner.pid)], child())
    const { pid } = await run.did('started')
    await owner.stop('SIGKILL')
    process.kill(pid, 'SIGKILL')
    expect(await run.ended).toBe('SIGKILL')
    expect(run.err()).toContain(
      `not started again, as process ${owner.pid}, on whose behalf it ran, has gone`,
    )
  })
})

onLinux('with --json', () => {
  it('tells what happens in lines of its schema', async () => {
    const owner = startAlone(child())
    const run = start(['--json', '--name', 'a', '--restart', '--owner', String(owner.pid)], child('take'))
    const { port, pid } = await run.did('listening')
    const [entry] = await entriesAt([port])
    run.tell('plain')
    run.tell('listen')
    await run.printed(/"unanswered"/)
    process.kill(pid, 'SIGKILL')
    await run.printed(/"restarting"[\s\S]*"registered"/) // all on one stream, hence in this order
    run.tell('leave')
    await run.did('left')
    await owner.stop('SIGKILL')
    run.tell('exit 7')
    expect(await run.ended).toBe(7)
    const own = start(['--json', '--no-port'], [process.execPath, echoServer])
    await own.printed(/"left-alone"/)
    await own.stop('SIGTERM')
    const events = [...run.events(), ...own.events()]
    for (const event of events) expect(validate(event), JSON.stringify([event, validate.errors])).toBe(true)
    const seen = [...new Set(events.map(({ type }) => type))].sort()
    const types = (readSchema('run').oneOf as { title: string }[]).map(({ title }) => title)
    expect(seen).toEqual(types.filter((type) => type !== 'warning' && type !== 'failed').sort())
    expect(run.events()[0]).toEqual({ type: 'started', pid, port })
    const [registered] = run.events().filter(({ type }) => type === 'registered')
    expect(registered).toMatchObject({ entry: { id: entry?.id, pid, port, name: 'a' } })
    expect(own.events()[0]).toMatchObject({ port: null })
  })
})
