/** What a person types: the echo server's options, `wsyard list`, `npm start` and `test.sh`. */
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { indexIds } from '../support/index-file.js'
import {
  createTestHome,
  echoServer,
  listening,
  projectRoot,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'

const wsyard = join(projectRoot, 'dist/bin/wsyard.js')

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const running = startProcess(process.execPath, args, { env: { NO_COLOR: '1', ...env } })
  const code = await running.ended
  return { code, output: running.output() }
}

describe('npm run server', () => {
  it('takes a name and a port', async () => {
    await using home = createTestHome()
    const server = home.own(await startEchoServer(home.path, ['--name', 'worker-a', '--port', '0']))
    const { servers } = JSON.parse(readFileSync(home.indexPath, 'utf8'))
    expect(servers).toMatchObject([{ id: server.id, name: 'worker-a', port: server.port }])
  })
  it('explains itself', async () => {
    const { code, output } = await run([echoServer, '--help'])
    expect(code).toBe(0)
    for (const option of ['--name', '--port', '--help']) expect(output).toContain(option)
  })
  it.each([
    [['--port', '80x'], /--port must be a whole number from 0 to 65535 \(got "80x"\)/],
    [['--port', '70000'], /got "70000"/],
    [['--nmae', 'x'], /--nmae/],
    [['--name', 'two words'], /name must match .*got "two words"/],
  ])('refuses %j, saying why', async (args, message) => {
    await using home = createTestHome()
    const { code, output } = await run([echoServer, ...args], { SHIPYARD_HOME: home.path })
    expect(code).toBe(1)
    expect(output).toMatch(message)
    expect(output).not.toMatch(/\n\s+at /)
  })
  it('refuses a relative SHIPYARD_HOME, writing nothing into the working directory', async () => {
    const { code, output } = await run([echoServer], { SHIPYARD_HOME: 'relative/home' })
    expect(code).toBe(1)
    expect(output).toContain('SHIPYARD_HOME is the relative path "relative/home"')
  })
})

describe('wsyard', () => {
  it.skipIf(process.platform === 'win32')('can be started by its name after each build of a checkout', () => {
    expect(statSync(wsyard).mode & 0o111).toBe(0o111)
  })

  it('lists the servers as a table, and as JSON', async () => {
    await using home = createTestHome()
    const env = { SHIPYARD_HOME: home.path }
    expect((await run([wsyard], env)).output).toContain(`No servers are registered in ${home.path}.\n`)
    const server = home.own(await startEchoServer(home.path, ['--name', 'worker-a']))
    const table = await run([wsyard, 'ls'], env)
    expect(table.code).toBe(0)
    expect(table.output).toMatch(
      new RegExp(`^NAME .*\nworker-a +up +${server.port} +${server.pid} +\\d+ s +open +\\S.*\n$`),
    )
    const { servers } = JSON.parse((await run([wsyard, 'list', '--json'], env)).output)
    expect(servers).toMatchObject([{ id: server.id, port: server.port, state: 'up' }])
    expect((await run([wsyard], env)).output).toMatch(/^NAME .*\nworker-a /)
  })
  it('lists a server that is stopped, and one that hangs, as unresponsive', async () => {
    await using home = createTestHome()
    const env = { SHIPYARD_HOME: home.path }
    const states = async (): Promise<(string | undefined)[]> => {
      const { output } = await run([wsyard, 'list'], env)
      const lines = output.split('\n').map((line) => line.split(/ +/))
      return [stopped, hanging].map(({ id }) => lines.find(([first]) => first === id)?.[1])
    }
    const listener = join(projectRoot, 'test/support/listener.js')
    const [stopped, hanging] = await Promise.all([
      startEchoServer(home.path),
      listening(startProcess(process.execPath, [listener, '--managed'], { env })),
    ])
    for (const server of [stopped, hanging]) home.own(server)
    expect(await states()).toEqual(['up', 'up'])
    stopped.child.kill('SIGSTOP')
    hanging.child.kill('SIGUSR2')
    await hanging.printed(/hanging/)
    expect(await states()).toEqual(['unresponsive', 'unresponsive'])
    stopped.child.kill('SIGCONT')
    expect((await states())[0]).toBe('up')
  })
  it('explains itself, tells its version, and refuses what it does not know', async () => {
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
    expect((await run([wsyard, '--version'])).output).toBe(`${version}\n`)
    expect((await run([wsyard, '--help'])).output).toContain('list')
    const typo = await run([wsyard, 'wach'])
    expect(typo.code).toBe(2)
    expect(typo.output).toMatch(/unknown command 'wach'\n\(Did you mean watch\?\)/)
    const option = await run([wsyard, '--jsn'])
    expect(option.code).toBe(2)
    expect(option.output).toMatch(/unknown option '--jsn'\n\(Did you mean --json\?\)/)
    const scope = await run([wsyard, 'ls', '--scope', '/nowhere'])
    expect(scope.code).toBe(2)
    expect(scope.output).toMatch(/'--scope <dir>' argument '\/nowhere' is invalid\. It must be a directory/)
  })
  it('says where the registry should be when it cannot tell', async () => {
    const { code, output } = await run([wsyard, 'list'], { SHIPYARD_HOME: '' })
    expect(code).toBe(1)
    expect(output).toContain('SHIPYARD_HOME is empty')
    expect(output).toContain('[WSYARD_ERR_HOME_INVALID]')
  })
})

describe('npm run dev', () => {
  const dev = (home: TestHome, args: readonly string[]) =>
    home.own(
      startProcess('npm', ['run', 'dev', '--', ...args], {
        env: { SHIPYARD_HOME: home.path, NO_COLOR: '1' },
        group: true,
      }),
    )

  it("passes Vite's own options through, and says when the port is taken", async () => {
    await using home = createTestHome()
    const rival = createServer().listen(0, 'localhost')
    await once(rival, 'listening')
    const port = String((rival.address() as AddressInfo).port)
    home.onCleanUp(() => rival.close())
    const strict = dev(home, ['--port', port, '--strictPort'])
    const next = dev(home, ['--port', port])
    await strict.printed(new RegExp(`Port ${port} is already in use`))
    expect(await strict.ended).not.toBe(0)
    await next.printed(new RegExp(`Port ${port} is in use, trying another one`))
    const [, other] = await next.printed(/Local: +http:\/\/localhost:(\d+)\//)
    expect(other).not.toBe(port)
    await next.stop('SIGINT')
  })
})

describe('npm start', () => {
  it('prints a URL with three servers behind it, and leaves nothing behind', async () => {
    await using home = createTestHome()
    const start = home.own(
      startProcess('npm', ['start', '--', '--port', '0'], {
        env: { SHIPYARD_HOME: home.path, NO_COLOR: '1' },
        group: true,
      }),
    )
    const [, url] = await start.printed(/Open (http:\/\/localhost:\d+\/)/)
    const { servers } = (await (await fetch(`${url}api/registry`)).json()) as {
      servers: { pid: number; name: string }[]
    }
    expect(servers.map(({ name }) => name).sort()).toEqual(['worker-a', 'worker-b', 'worker-c'])
    await start.stop('SIGINT')
    expect(indexIds(home.indexPath)).toEqual([])
    for (const { pid } of servers) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    await expect(fetch(String(url))).rejects.toThrow()
  })
})

describe('npm start, when it cannot', () => {
  const start = join(projectRoot, 'scripts/start.js')
  it('names the port that is taken and what to do', async () => {
    await using home = createTestHome()
    const rival = createServer().listen(0, 'localhost')
    await once(rival, 'listening')
    const { port } = rival.address() as AddressInfo
    const { code, output } = await run([start, '--port', String(port)], { SHIPYARD_HOME: home.path })
    rival.close()
    expect(code).toBe(1)
    expect(output).toMatch(new RegExp(`${port} is already in use.*give another --port`))
  })
  it.each([[['--port', 'x']], [['--prot', '1']]])('refuses %j without a stack', async (args) => {
    const { code, output } = await run([start, ...args])
    expect(code).toBe(1)
    expect(output).toMatch(/--(port|prot)/)
    expect(output).not.toMatch(/\n\s+at /)
  })
})

describe('./test.sh', () => {
  it('starts three servers, shows the registry, and checks itself with CI=true', async () => {
    const quick = startProcess('bash', ['test.sh'], { env: { CI: 'true' } })
    expect(await quick.ended, quick.output()).toBe(0)
    expect(quick.output().match(/WebSocket server listening on port \d+/g)).toHaveLength(3)
    expect(quick.output()).toContain('Registered while running: 3 of 3; left after stopping: 0')
  })
  it('tells how to open the page, and cleans up on Ctrl+C', async () => {
    await using home = createTestHome()
    const env = { CI: '', SHIPYARD_HOME: home.path }
    const quick = home.own(startProcess('bash', ['test.sh'], { env, group: true }))
    await quick.printed(/npm run dev/)
    expect(indexIds(home.indexPath)).toHaveLength(3)
    await quick.stop('SIGINT')
    expect(quick.output()).toMatch(/Registry after .*\n\{\n {2}"servers": \[\]\n\}/)
  })
})
