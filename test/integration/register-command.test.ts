/** `wsyard register`, `deregister` and `prune`: entries made and taken out by hand. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRegistry } from '../../src/registry/index.js'
import { indexIds } from '../support/index-file.js'
import {
  createTestHome,
  projectRoot,
  type RunningProcess,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'
import { hasTerminal, startInTerminal } from '../support/terminal.js'

const wsyard = join(projectRoot, 'dist/bin/wsyard.js')

let home: TestHome
beforeEach(() => {
  home = createTestHome()
})
afterEach(() => home[Symbol.asyncDispose]())

async function run(...args: string[]) {
  const command = startProcess(process.execPath, [wsyard, ...args], { env: { SHIPYARD_HOME: home.path } })
  return { code: await command.ended, output: command.output() }
}

const list = async () => {
  await using registry = openRegistry({ home: home.path })
  return registry.list()
}

/** A program that knows nothing of wsyard. */
async function startStranger(host = '127.0.0.1', at = '0'): Promise<RunningProcess & { port: string }> {
  const program = `require('http').createServer((_, answer) => answer.end()).listen(${at}, '${host}', function () { console.log('port ' + this.address().port) })`
  const running = home.own(startProcess(process.execPath, ['-e', program]))
  const [, port = ''] = await running.printed(/port (\d+)/)
  return { ...running, port }
}

describe('wsyard register', () => {
  it('registers what listens at a port, which stays when the command has ended, and goes with its process', async () => {
    const stranger = await startStranger()
    const { code, output } = await run(
      'register',
      '--port',
      stranger.port,
      '--name',
      'api',
      '--path',
      '/ws',
      '--meta',
      'team=blue',
    )
    expect(code, output).toBe(0)
    expect(output).toMatch(
      new RegExp(`^Registered api at port ${stranger.port}, process ${stranger.pid}, as server-\\S+\\.\n$`),
    )
    expect(await list()).toMatchObject([
      {
        name: 'api',
        port: Number(stranger.port),
        pid: stranger.pid,
        host: '127.0.0.1',
        path: '/ws',
        meta: { team: 'blue' },
        scope: { directory: projectRoot.replace(/\/$/, '') },
      },
    ])
    await stranger.stop('SIGKILL')
    expect(await list()).toEqual([])
  })

  it('finds out at which address it listens, and prints the entry as JSON', async () => {
    const stranger = await startStranger('::1')
    const { output } = await run('register', '--port', stranger.port, '--pid', String(stranger.pid), '--json')
    expect(JSON.parse(output)).toMatchObject({ host: '::1', pid: stranger.pid, state: 'up' })
  })

  it('takes the process at 127.0.0.1 where another has the port at another address', async () => {
    const wanted = await startStranger()
    const other = await startStranger('::1', wanted.port)
    const named = ['register', '--port', wanted.port, '--json']
    expect(JSON.parse((await run(...named)).output)).toMatchObject({ host: '127.0.0.1', pid: wanted.pid })
    expect(JSON.parse((await run(...named, '--pid', String(other.pid))).output)).toMatchObject({
      host: '::1',
      pid: other.pid,
    })
  })

  it('takes no process that does not listen there, and no owner that is none', async () => {
    const stranger = await startStranger()
    const wrong = await run('register', '--port', stranger.port, '--pid', String(process.pid))
    expect(wrong.code).toBe(1)
    expect(wrong.output).toContain(`It is not process ${process.pid} that listens at port ${stranger.port}`)
    const nobodys = await run('register', '--port', stranger.port, '--owner', '999999999')
    expect(nobodys.code).toBe(1)
    expect(nobodys.output).toContain('no process has the pid 999999999. Give that of the owner')
    expect(await list()).toEqual([])
  })

  it('says why it does not', async () => {
    const stranger = await startStranger()
    await run('register', '--port', stranger.port)
    const again = await run('register', '--port', stranger.port)
    expect(again.code).toBe(1)
    expect(again.output).toMatch(/is registered at port \d+ already, as server-.*wsyard deregister server-/)
    await stranger.stop('SIGKILL')
    const nothing = await run('register', '--port', stranger.port)
    expect(nothing.code).toBe(1)
    expect(nothing.output).toMatch(/Nothing listens at port \d+ of this machine/)
  })

  it.each([
    [[], /required option '-p, --port <port>' not specified/],
    [['--port', '0'], /whole number from 1 to 65535/],
    [['--port', '1', '--pid', 'x'], /must be the number of a process/],
    [['--port', '1', '--name', 'two words'], /must be a letter or digit/],
    [['--port', '1', '--meta', 'blue'], /as in team=blue/],
    [['--port', '1', '--nmae', 'x'], /Did you mean --name/],
  ])('refuses %j with 2', async (args, why) => {
    const { code, output } = await run('register', ...args)
    expect(code).toBe(2)
    expect(output).toMatch(why)
  })
})

describe('wsyard deregister', () => {
  it('takes an entry out by its name, and leaves the process', async () => {
    const stranger = await startStranger()
    await run('register', '--port', stranger.port, '--name', 'api')
    const { code, output } = await run('deregister', 'api')
    expect(code).toBe(0)
    expect(output).toContain('Took api out of the registry.')
    expect(indexIds(home.indexPath)).toEqual([])
    expect(stranger.child.exitCode).toBeNull()
    const missing = await run('deregister', 'api', '--json')
    expect(missing.code).toBe(1)
    expect(missing.output).toContain('[WSYARD_ERR_SERVER_NOT_FOUND]')
  })
})

describe('wsyard prune', () => {
  /** Two servers whose owner has gone, and one whose owner lives. */
  async function leaveOrphans(): Promise<RunningProcess[]> {
    const owner = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    await once(owner, 'spawn')
    const servers = [await startStranger(), await startStranger(), await startStranger()]
    const owners = [owner.pid, owner.pid, process.pid]
    for (const [position, { port }] of servers.entries())
      await run(
        'register',
        '--port',
        port,
        '--name',
        `agent-${position}`,
        '--owner',
        String(owners[position]),
      )
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    return servers
  }

  it('takes out what has ended, and says so once', async () => {
    const server = home.own(await startEchoServer(home.path, ['--name', 'worker-a']))
    await server.stop('SIGKILL')
    expect(await run('prune')).toEqual({
      code: 0,
      output: `Took out worker-a: process ${server.pid} has ended.\n`,
    })
    expect((await run('prune')).output).toBe('No entry was without a process.\n')
    expect(JSON.parse((await run('prune', '--json')).output)).toEqual({ pruned: [] })
    expect((await run('ls', '--all')).output).toMatch(/left lately\nworker-a {2}exited/)
  })

  it('ends orphans when that was agreed to beforehand, and nobody else', async () => {
    const servers = await leaveOrphans()
    expect((await run('ls')).output).toMatch(/agent-0 +orphaned.*\nagent-1 +orphaned.*\nagent-2 +up/)
    const { code, output } = await run('prune', '--orphans', '--yes', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(output).orphans).toMatchObject([
      { name: 'agent-0', state: 'orphaned', ended: true },
      { name: 'agent-1', ended: true },
    ])
    expect(await Promise.all(servers.slice(0, 2).map(({ ended }) => ended))).toEqual(['SIGTERM', 'SIGTERM'])
    expect((await list()).map(({ name }) => name)).toEqual(['agent-2'])
  })

  it('ends nobody where there is nobody to ask', async () => {
    await leaveOrphans()
    const ended = home.own(await startEchoServer(home.path))
    await ended.stop('SIGKILL')
    const { code, output } = await run('prune', '--orphans')
    expect(code).toBe(2)
    expect(output).toMatch(/ORPHAN +PID +UP +WHERE\nagent-0 .*\nagent-1 .*\n/)
    expect(output).toContain('Nothing was done. Add --yes.')
    expect(indexIds(home.indexPath)).toContain(ended.id)
    expect(await list()).toHaveLength(3)
  })

  it.runIf(hasTerminal)('asks at a terminal, and takes all but a yes for a no', async () => {
    await leaveOrphans()
    for (const [answer, code, names] of [
      ['\n', 1, 3],
      ['\x04', 1, 3],
      ['y\n', 0, 1],
    ] as const) {
      const command = home.own(
        startInTerminal([wsyard, 'prune', '--orphans'], { env: { SHIPYARD_HOME: home.path } }),
      )
      await command.printed(/End these 2 processes\? \[y\/N\]/)
      command.type(answer)
      expect(await command.ended, command.output()).toBe(code)
      expect(await list()).toHaveLength(names)
    }
  })
})
