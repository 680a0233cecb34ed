/**
 * Each command as people see it, in a pipe and in a terminal of 100 columns, against the files in `test/golden`; and what it prints with
 * `--json` against its schema. When an output is meant to be another, `UPDATE_GOLDEN=1 npx vitest run cli-golden` writes the files
 * anew: read what has changed in them.
 */
import { once } from 'node:events'
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { commands } from '../../src/cli/commands.js'
import type { Scope } from '../../src/core/index.js'
import { expectJson } from '../support/cli-schemas.js'
import { compared, expectGolden, goldenDirectory, interrupt, type Shown, show } from '../support/golden.js'
import { createStage, leave, type Stage, serve, startIdle, startStranger } from '../support/golden-stage.js'
import { projectRoot } from '../support/processes.js'
import { hasTerminal } from '../support/terminal.js'

const modes: readonly Shown['mode'][] = ['pipe', 'terminal']

/** Elsewhere there is no such terminal, and some of what is printed is not known. */
const onLinux = describe.runIf(hasTerminal)

onLinux.concurrent('where three servers run, one of them in another project, and two have left', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = createStage()
    const { home, registry } = stage
    const here = (below: string): Scope => ({ ...stage.scope, directory: join(stage.directory, below) })
    const elsewhere = join(dirname(stage.directory), 'blog')
    await serve(stage, { id: 'api-1', name: 'api', scope: here('api'), meta: { team: 'blue' } })
    await serve(stage, { id: 'worker-1', name: 'worker', scope: here('.'), auth: 'open', path: '/ws' })
    await serve(stage, {
      id: 'notes-1',
      scope: { directory: elsewhere, worktree: elsewhere, branch: 'draft' },
    })
    const stopped = await registry.register({ port: 41_001, id: 'mail-1', name: 'mail', scope: here('mail') })
    await stopped.close()
    const { pid, end } = await startIdle(home)
    await leave(stage, { port: 41_002, pid, id: 'search-1', name: 'search', scope: here('search') })
    await end()
    await registry.prune()
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  const cases: [name: string, args: readonly string[]][] = [
    ['ls-three', ['ls']],
    ['ls-all', ['ls', '--all']],
    ['connect-send', ['connect', 'api', '--send', 'hello', '--send', 'again']],
    ['send-one', ['send', 'api', 'reload']],
    ['send-expect', ['send', 'api', 'ping', '--expect', 'Echo']],
    ['url-one', ['url', 'worker']],
    ['token-one', ['token', 'api']],
    ['connect-unknown', ['connect', 'wroker']],
    ['connect-missing-argument', ['connect']],
    ['ls-wrong-option', ['ls', '--jsn']],
    ['completion-wrong-shell', ['completion', 'tcsh']],
    ['completion-servers', ['completion', 'servers']],
    ['wsyard-wrong-command', ['conect', 'api']],
    ['wsyard-no-command', []],
  ]
  it.each(modes.flatMap((mode) => cases.map(([name, args]) => ({ mode, name, args }))))(
    '$name is what it was, in a $mode',
    async ({ mode, name, args }) => {
      await expectGolden(name, show(stage, mode, args))
    },
  )

  it.each(modes)('what has been sent to all is what it was, in a %s', async (mode) => {
    const inOrder = (out: string): string => `${out.trimEnd().split('\n').sort().join('\n')}\n`
    await expectGolden('send-all', show(stage, mode, ['send', '--all', 'reload']), inOrder)
  })

  it.each([
    { command: 'ls', args: ['--all'] },
    { command: 'send', args: ['api', 'ping', '--expect', 'Echo'] },
    { command: 'url', args: ['api'] },
    { command: 'token', args: ['api'] },
    { command: 'connect', args: ['worker', '--send', 'hello'] },
  ])('$command --json is what it was, and as its schema has it', async ({ command, args }) => {
    const out = await expectGolden(`${command}-json`, show(stage, 'pipe', [command, ...args, '--json']))
    expectJson(command, out)
  })

  it('a line that is typed to a server is what it was', async () => {
    const terminal = show(stage, 'terminal', ['connect', 'worker'])
    await terminal.printed(/Connected[\s\S]*> /)
    terminal.type('hi\n')
    await terminal.printed(/Echo: hi[\s\S]*> /)
    terminal.type('\x04')
    await expectGolden('connect-typed', terminal)
  })

  it('the answer to the first message of an agent is what it was', async () => {
    const command = show(stage, 'pipe', ['mcp'])
    const params = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'an agent', version: '1' },
    }
    command.type(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`)
    await command.printed(/\n/)
    await expectGolden('mcp-initialize', command)
  })
})

onLinux.concurrent.each(modes)('in a %s', (mode) => {
  it('an empty registry is what it was', async () => {
    await using stage = createStage()
    await expectGolden('ls-empty', show(stage, mode, ['ls']))
  })

  it('a server that comes and goes is what it was, with --json as the schema has it', async () => {
    await using stage = createStage()
    const { scope } = stage
    await serve(stage, { id: 'api-1', name: 'api', scope })
    const watching = show(stage, mode, ['watch'])
    const script = mode === 'pipe' ? [show(stage, mode, ['watch', '--json'])] : []
    const all = [watching, ...script]
    for (const one of all) await one.printed(/api-1/)
    const late = await serve(stage, { id: 'worker-1', name: 'worker', scope })
    for (const one of all) await one.printed(/worker-1/)
    await late.close()
    for (const one of all) await one.printed(/deregistered/)
    for (const one of all) interrupt(one)
    await expectGolden('watch-comes-and-goes', watching)
    for (const one of script) expectJson('watch', await expectGolden('watch-json', one))
  })

  it('register and deregister are what they were', async () => {
    await using stage = createStage()
    const { port } = await startStranger(stage)
    await expectGolden('register-name', show(stage, mode, ['register', '--port', port, '--name', 'api']))
    await expectGolden('register-again', show(stage, mode, ['register', '--port', port]))
    await expectGolden('deregister-name', show(stage, mode, ['deregister', 'api']))
    if (mode === 'terminal') return
    const details = ['--name', 'api', '--path', '/ws', '--meta', 'team=blue']
    const register = show(stage, mode, ['register', '--port', port, ...details, '--json'])
    expectJson('register', await expectGolden('register-json', register))
    const deregister = show(stage, mode, ['deregister', 'api', '--json'])
    expectJson('deregister', await expectGolden('deregister-json', deregister))
  })

  it('prune takes out what has ended, and ends orphans, as it did', async () => {
    await using stage = createStage()
    const leaveTwo = async (): Promise<void> => {
      const { home, scope } = stage
      const [ended, owner, orphan] = [await startIdle(home), await startIdle(home), await startIdle(home)]
      await leave(
        stage,
        { port: 41_001, pid: ended.pid, id: 'api-1', name: 'api', scope },
        { port: 41_002, pid: orphan.pid, owner: owner.pid, id: 'agent-1', name: 'agent', scope },
      )
      await ended.end()
      await owner.end()
    }
    await leaveTwo()
    if (mode === 'terminal') {
      const asked = show(stage, mode, ['prune', '--orphans'])
      await asked.printed(/\[y\/N\] /)
      asked.type('y\n')
      await expectGolden('prune-orphans', asked)
      return
    }
    await expectGolden('prune-orphans', show(stage, mode, ['prune', '--orphans', '--yes']))
    await leaveTwo()
    const script = show(stage, mode, ['prune', '--orphans', '--yes', '--json'])
    expectJson('prune', await expectGolden('prune-json', script))
    await expectGolden('prune-nothing', show(stage, mode, ['prune']))
  })

  it('a command that runs and ends is what it was', async () => {
    await using stage = createStage()
    symlinkSync(join(projectRoot, 'test/support/ends-when-told.js'), join(stage.directory, 'server.js'))
    const run = async (name: string, ...options: string[]): Promise<Shown> => {
      const shown = show(stage, mode, ['run', ...options, '--', 'node', 'server.js'])
      await shown.printed(/registered/)
      const [entry] = await stage.registry.list()
      const socket = new WebSocket(`ws://127.0.0.1:${entry?.port}`)
      await once(socket, 'open')
      socket.send('end')
      await expectGolden(name, shown)
      return shown
    }
    await run('run-ends', '--name', 'api')
    if (mode === 'pipe') expectJson('run', (await run('run-json', '--json')).err())
  })

  it('what is wrong with a registry is what it was', async () => {
    await using stage = createStage()
    const { pid, port } = await startStranger(stage)
    await leave(stage, { port: Number(port), pid, id: 'api-1', name: 'api' }) // which nobody puts in order
    writeFileSync(stage.home.indexPath, '{ "servers": [')
    const doctor = show(stage, mode, ['doctor', '--hub', 'http://127.0.0.1:1'])
    await expectGolden('doctor-broken', doctor, withoutOthers)
    if (mode === 'terminal') return
    const script = show(stage, mode, ['doctor', '--json'])
    expect(await script.ended).toBe(1)
    expectJson('doctor', script.out())
  })

  it('a hub is what it was, without its token', async () => {
    await using stage = createStage()
    const hub = show(stage, mode, ['hub', '--port', '0'])
    await hub.printed(/Ctrl\+C to stop/)
    interrupt(hub)
    await expectGolden('hub-starts', hub)
    if (mode === 'terminal') return
    const script = show(stage, mode, ['hub', '--port', '0', '--json'])
    await script.printed(/\n/)
    interrupt(script)
    expectJson('hub', await expectGolden('hub-json', script))
  })
})

/** What the doctor says without what it has found of other registries of this machine: other tests have some. */
function withoutOthers(out: string): string {
  return out.replace(
    /^.*(?:No server of this user|These servers) registers? in .*\n(?:.*Use one registry.*\n\n?)?/gm,
    '',
  )
}

onLinux('test/golden', () => {
  it('has something for every command', () => {
    const seen = new Set(readdirSync(goldenDirectory).map((file) => file.split('-')[0]))
    expect(Object.keys(commands).filter((command) => !seen.has(command))).toEqual([])
  })

  it('has nothing that no test looks at', () => {
    expect(readdirSync(goldenDirectory).filter((file) => !compared.has(file))).toEqual([])
  })
})
