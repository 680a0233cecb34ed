/** `wsyard doctor`: each cause made for real, the cure applied that it names, and a second look that finds nothing. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeProcess, isNode } from '../../src/cli/doctor/processes.js'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { runCommand, startCommand, wsyard } from '../support/command.js'
import { type Doctor, type Finding, listenAt, runHere, startDoctor, stateOf } from '../support/doctor-run.js'
import { addLines, deadLine, refusingPort } from '../support/foreign-lines.js'
import { startHub } from '../support/hub.js'
import { isLong } from '../support/length.js'
import { pidNamespace } from '../support/namespaces.js'
import {
  createTestHome,
  type EchoServer,
  echoServer,
  listening,
  projectRoot,
  removeHome,
  startEchoServer,
  startProcess,
  startSpikeServer,
  type TestHome,
} from '../support/processes.js'
import { giveTo, needUsers, nobody } from '../support/users.js'

/** Other systems do not tell who listens, nor what the environment of a process is. */
const onLinux = describe.runIf(process.platform === 'linux')
const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)

let home: TestHome
let registry: Registry
let doctor: Doctor

beforeEach(async () => {
  home = createTestHome()
  registry = openRegistry({ home: home.path })
  doctor = await startDoctor(home)
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
  await registry.close()
})

const inHome = (...names: string[]): string => join(home.path, ...names)
const entryFile = (id: string): string => inHome('servers.d', `${id}.json`)

async function startServer(options: ServerOptions = {}): Promise<Server> {
  const server = await createServer({ registry, ...options })
  home.onCleanUp(() => server.close())
  return server
}

/** A server that has been killed, and no hub has cleared away after. */
async function killedServer(): Promise<EchoServer> {
  const server = home.own(await startEchoServer(home.path, ['--name', 'worker-a']))
  await server.stop('SIGKILL')
  return server
}

/** Does what a cure says to type. */
function type(command: string): void {
  expect(spawnSync('sh', ['-c', command.replace(/^sudo /, '')]).status).toBe(0)
}

describe('a registry in order', () => {
  it('is well in every respect, and nothing is made that was not there', async () => {
    const { code, results } = await doctor.run()
    expect(code).toBe(0)
    expect(results).toMatchObject({
      home: 'well',
      modes: 'well',
      exited: 'well',
      hub: 'well',
      origin: 'skipped',
    })
    expect(existsSync(home.path)).toBe(false)
  })

  it('is well with servers in it, and is not changed by looking or repairing', async () => {
    await startServer({ name: 'worker-a' })
    const before = stateOf(home.path)
    for (const args of [[], ['--repair'], ['--origin', 'http://localhost:5173']])
      expect((await doctor.run(args)).problems.filter(({ check }) => check !== 'origin')).toEqual([])
    expect(stateOf(home.path)).toEqual(before)
  })

  it('is told as a list of what is well, and ends with 0', async () => {
    await startServer({ name: 'worker-a' })
    const { code, out, err } = await runCommand(home, ['doctor', '--hub', doctor.hub])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain(`✓ The registry is in ${home.path}.\n`)
    expect(out).toContain('✓ Every entry has its process.\n')
    expect(out).toMatch(/\n\nAll is well\.\n$/)
    expect(out).not.toMatch(/✗/)
  })
})

describe('arguments', () => {
  it('that make no sense end it with 2, saying what they must be', async () => {
    for (const [args, message] of [
      [['--hub', 'http://127.0.0.1:1/#token=short'], 'copy the whole link'],
      [['--origin', 'https://app.example/path'], 'without a path'],
      [['--origin', 'app.example'], 'It must be as https://app.example'],
    ] as const)
      await expect(runHere(args, {})).rejects.toThrow(message)
    const { code, err } = await runCommand(home, ['doctor', '--hub', 'nowhere'])
    expect([code, err]).toEqual([2, expect.stringContaining('It must be a URL')])
  })

  it.runIf(isLong)('are explained, with examples and what it asks', async () => {
    const { code, out } = await runCommand(home, ['doctor', '--help'])
    expect(code).toBe(0)
    expect(out).toMatch(/Examples:\n +wsyard doctor /)
    expect(out).toContain('asks by "GET /"')
  })
})

onLinux('where servers listen', () => {
  it.skipIf(!hasIPv6)(
    'finds one on ::1 alone whose entry says 127.0.0.1, until it listens there',
    async () => {
      const first = await listenAt(home, '::1')
      const registration = await registry.register({ port: first.port, name: 'worker-a' })
      const { problems } = await doctor.run()
      expect(problems).toMatchObject([{ check: 'addresses', repairable: false }])
      expect(problems[0]?.what).toContain(`registered at 127.0.0.1 port ${first.port}, and listens on ::1`)
      expect(problems[0]?.cure).toContain("listen(port, '127.0.0.1')")
      await first.close()
      await registration.close()

      const second = await listenAt(home, '127.0.0.1')
      await registry.register({ port: second.port, name: 'worker-a' })
      expect((await doctor.run()).results.addresses).toBe('well')
    },
  )

  it.skipIf(!hasIPv6)(
    'notes one on ::1 alone whose entry says so, and one that is registered so as the cure says',
    async () => {
      const { http, port } = await listenAt(home, '::1')
      const registration = await registry.register({ port })
      const cure = (await doctor.run()).problems[0]?.cure ?? ''
      const host = /with the host "([^"]+)"/.exec(cure)?.[1] ?? ''
      await registration.close()
      await registry.register({ port, host })
      const { problems, notes } = await doctor.run()
      expect(problems).toEqual([])
      expect(notes.filter(({ check }) => check === 'addresses')).toMatchObject([
        { what: expect.stringContaining('listens on ::1 alone') },
      ])
      expect(http.listening).toBe(true)
    },
  )

  it('finds one that does not listen any more, until it is taken out', async () => {
    const { id } = await registry.register({ port: await refusingPort() })
    const { problems } = await doctor.run()
    expect(problems).toMatchObject([{ check: 'addresses', what: expect.stringContaining('ECONNREFUSED') }])
    expect(problems[0]?.cure).toContain(`wsyard deregister ${id}`)
    await registry.deregister(id)
    expect((await doctor.run()).results.addresses).toBe('well')
  })

  it('finds one whose port another process has, and names that', async () => {
    const script = `require('node:net').createServer(() => {})
      .listen(0, '127.0.0.1', function () { console.log('port', this.address().port, '') })`
    const other = home.own(startProcess(process.execPath, ['-e', script]))
    const [, port] = await other.printed(/port (\d+) /)
    const { id } = await registry.register({ port: Number(port) })
    const { problems } = await doctor.run()
    expect(problems).toMatchObject([
      { check: 'addresses', what: expect.stringContaining(`process ${other.pid} (node)`) },
    ])
    await registry.deregister(id)
    expect((await doctor.run()).results.addresses).toBe('well')
  })

  it.runIf(isLong)(
    'finds one that says an address that no hub dials, until it says one that is',
    async () => {
      const { port } = await listenAt(home, '127.0.0.1')
      const registration = await registry.register({ port, host: '192.0.2.77' })
      const { problems } = await doctor.run()
      expect(problems.map(({ check }) => check)).toContain('addresses')
      await registration.close()
      await registry.register({ port, host: '127.0.0.1' })
      expect((await doctor.run()).problems).toEqual([])
    },
  )

  it.each(['0.0.0.0', ...(hasIPv6 && isLong ? ['::'] : [])])(
    'finds an open one on all interfaces (%s), until it is on one, and notes one that asks for a token',
    async (host) => {
      const { http, port, close } = await listenAt(home, host)
      const open = await registry.register(http, { auth: 'open', name: 'worker-a' })
      const { problems } = await doctor.run()
      expect(problems).toMatchObject([
        { check: 'exposed', what: expect.stringContaining(`${host} port ${port}`) },
      ])
      await open.close()
      await registry.register(http, { auth: 'token' })
      const { problems: none, notes } = await doctor.run()
      expect(none).toEqual([])
      expect(notes.filter(({ check }) => check === 'exposed')).toHaveLength(1)
      await close()

      const near = await listenAt(home, '127.0.0.1')
      await registry.register(near.http, { auth: 'open' })
      expect((await doctor.run()).results.exposed).toBe('well')
    },
  )

  it.runIf(isLong)(
    'finds one that wrote itself into servers.json and says nothing of where it listens',
    async () => {
      const server = home.own(await startSpikeServer(home.path))
      const { problems } = await doctor.run()
      expect(problems.filter(({ check }) => check === 'exposed')).toMatchObject([
        {
          what: expect.stringContaining(`port ${server.port}, and its entry names no token`),
        },
      ])
    },
  )
})

describe('an origin', () => {
  const page = 'https://app.example'

  it.runIf(isLong)('that the hub refuses is let in by the option that the cure names', async () => {
    const open = startCommand(home, ['hub', '--port', '0', '--origins', page])
    const [link = ''] = await open.printed(/http:\S+#token=\S+/)
    const { results, problems } = await doctor.run(['--hub', link, '--origin', page])
    expect(problems).toEqual([])
    expect(results).toMatchObject({ origin: 'well', hub: 'well' })
  })

  it('that an open server refuses is a problem without a hub, a note with one, and let in by its option', async () => {
    const refusing = await startServer({ name: 'worker-a', auth: 'open' })
    await startServer({ name: 'behind-the-hub', auth: 'token' })
    const nowhere = `http://127.0.0.1:${await refusingPort()}`
    const { problems } = await doctor.run(['--origin', page, '--hub', nowhere])
    expect(problems.filter(({ check }) => check === 'origin')).toMatchObject([
      {
        what: expect.stringContaining('"worker-a"'),
        cure: expect.stringContaining('the option origins of createServer'),
      },
    ])
    const hubHome = createTestHome()
    home.onCleanUp(() => hubHome[Symbol.asyncDispose]())
    const { url } = await startHub(hubHome, { origins: [page] })
    const withHub = await doctor.run(['--origin', page, '--hub', url])
    expect(withHub.problems).toEqual([])
    expect(withHub.results.origin).toBe('note')
    await refusing.close()

    await startServer({ name: 'worker-a', auth: 'open', origins: [page] })
    expect((await doctor.run(['--origin', page, '--hub', url])).results.origin).toBe('well')
  })

  it('of a public page by https is told what browsers do, and one of this machine is not', async () => {
    const { notes } = await doctor.run(['--origin', page])
    const [told] = notes.filter(({ check }) => check === 'browser')
    expect(told?.what).toContain('loopback-network')
    expect(told?.cure).toContain('requestAccess()')
    expect((await doctor.run(['--origin', 'https://localhost:5173'])).results.browser).toBe('skipped')
  })
})

describe('an entry without a process', () => {
  it('is found, left alone without --repair, and taken out with it, as one that has exited', async () => {
    const living = await startServer()
    const { id, pid } = await killedServer()
    const before = stateOf(home.path)
    const { problems } = await doctor.run()
    expect(problems).toMatchObject([{ check: 'exited', repairable: true }])
    expect(problems[0]?.what).toContain(`"worker-a" (${id}) is registered, but process ${pid} has ended`)
    expect(stateOf(home.path)).toEqual(before)

    const { repairs } = await doctor.repair('exited')
    expect(repairs).toMatchObject([{ did: `Took "${id}" out.` }])
    expect(existsSync(entryFile(id))).toBe(false)
    expect(readFileSync(home.indexPath, 'utf8')).not.toContain(id)
    expect(readFileSync(home.indexPath, 'utf8')).toContain(living.id)
    expect(await registry.removed()).toMatchObject([{ entry: { id }, reason: 'exited' }])
  })

  it('that another program wrote into servers.json is found and taken out, and what else stands there is kept', async () => {
    await startServer()
    const living = {
      id: 'living',
      pid: process.pid,
      port: (await listenAt(home, '127.0.0.1')).port,
      custom: [1],
    }
    addLines(home.indexPath, [await deadLine('dead'), living, { nonsense: true }])
    const { problems } = await doctor.run()
    expect(problems).toMatchObject([{ check: 'exited', what: expect.stringContaining('"dead"') }])
    await doctor.repair('exited')
    const { servers } = JSON.parse(readFileSync(home.indexPath, 'utf8'))
    expect(servers).toHaveLength(3)
    expect(servers).toContainEqual(living)
    expect(servers).toContainEqual({ nonsense: true })
  })
})

onLinux('a process without its entry', () => {
  const start = async (auth: 'open' | 'token', env = { SHIPYARD_HOME: home.path }): Promise<EchoServer> => {
    const script = join(projectRoot, 'test/support/doctor-server.js')
    return home.own(await listening(startProcess(process.execPath, [script, auth], { env })))
  }
  const unregistered = async (): Promise<readonly Finding[]> =>
    (await doctor.run()).notes.filter(({ check }) => check === 'unregistered')

  it('is noted with the command that registers it, unless it puts that back or registers elsewhere', async () => {
    const other = createTestHome()
    home.onCleanUp(() => other[Symbol.asyncDispose]())
    const [healthy, open, token] = await Promise.all([
      startEchoServer(home.path, ['--name', 'worker-a']),
      start('open'),
      start('token'),
      start('open', { SHIPYARD_HOME: other.path }),
    ])
    home.own(healthy)
    removeHome(home)
    // A server has a second to answer, in which a busy machine may not let it.
    let notes: readonly Finding[] = []
    await expect
      .poll(async () => {
        notes = await unregistered()
        return notes.length
      })
      .toBe(2)
    const ofPort = (port: number) => notes.find(({ what }) => what.includes(`port ${port},`))
    expect(ofPort(open.port)?.what).toContain(`process ${open.pid} (node doctor-server.js), is in no entry`)
    expect(ofPort(token.port)?.cure).toContain('restart it: its token stood in its entry')
    expect(await registry.list()).toMatchObject([{ id: healthy.id, name: 'worker-a' }])

    const command = /wsyard (register --port \d+ --pid \d+)/.exec(ofPort(open.port)?.cure ?? '')?.[1] ?? ''
    expect((await runCommand(home, command.split(' '))).code).toBe(0)
    expect((await registry.list()).map(({ pid }) => pid).sort()).toEqual([healthy.pid, open.pid].sort())
    await token.stop()
    expect((await doctor.run()).results.unregistered).toBe('well')
  })

  it('is told apart from what answers a GET by an upgrade, which costs no check', async () => {
    const script = `
      require('node:net').createServer((socket) => {
        socket.on('error', () => {}).on('data', (data) => {
          console.log('asked', String(data))
          socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: x\\r\\nConnection: upgrade\\r\\n\\r\\n')
        })
      }).listen(0, '127.0.0.1', function () { console.log('port', this.address().port, '') })`
    const env = { SHIPYARD_HOME: home.path }
    const upgrading = home.own(startProcess(process.execPath, ['-e', script], { env }))
    const [, port] = await upgrading.printed(/port (\d+) /)
    const { results, problems } = await doctor.run(['--hub', `http://127.0.0.1:${port}`])
    expect(results.unregistered).toBe('well')
    expect(problems).toMatchObject([{ check: 'hub', what: expect.stringContaining('is no hub of wsyard') }])
    await upgrading.printed(/asked GET \/ HTTP/)
  })

  it('is asked only if it is run by Node, and named without what may be a secret', async () => {
    const file = join(dirname(home.path), 'program.cjs')
    writeFileSync(file, 'console.log("started"); setInterval(() => {}, 1000)')
    const args = ['--conditions', 'SECRET-1', file, 'SECRET-2', '--key=SECRET-3']
    const ofNode = home.own(startProcess(process.execPath, args))
    const other = home.own(startProcess('sh', ['-c', 'echo started; read line', 'SECRET'], { input: true }))
    await Promise.all([ofNode.printed(/started/), other.printed(/started/)])
    expect([ofNode, other].map(({ pid }) => isNode(pid))).toEqual([true, false])
    expect([ofNode, other].map(({ pid }) => describeProcess(pid))).toEqual([
      `process ${ofNode.pid} (node program.cjs)`,
      `process ${other.pid} (sh)`,
    ])
  })
})

describe.skipIf(process.platform === 'win32')('modes and owners', () => {
  it('that are open to others are closed, and those of files that are none of ours are left', async () => {
    const { id } = await startServer()
    for (const name of ['hub.token', 'connect-history', 'notes.txt'])
      writeFileSync(inHome(name), 'text', { mode: 0o644 })
    chmodSync(home.path, 0o775)
    chmodSync(inHome('servers.d'), 0o755)
    chmodSync(home.indexPath, 0o666)
    chmodSync(entryFile(id), 0o644)
    const { problems } = await doctor.run()
    const places = [
      '',
      'servers.d',
      'connect-history',
      'hub.token',
      'servers.json',
      `servers.d/${id}.json`,
    ].map((name) => inHome(name))
    expect(problems.map(({ where }) => `${where}/`.replace(/\/+$/, '')).sort()).toEqual(
      places.map((path) => path.replace(/\/$/, '')).sort(),
    )
    expect(problems.find(({ where }) => where === entryFile(id))?.cure).toBe(`chmod 600 ${entryFile(id)}`)
    await doctor.repair('modes')
    const modes = ['', 'servers.d', 'servers.json', `servers.d/${id}.json`, 'hub.token', 'notes.txt'].map(
      (name) => statSync(inHome(name)).mode & 0o777,
    )
    expect(modes).toEqual([0o755, 0o700, 0o600, 0o600, 0o600, 0o644])
  })

  it('of what SHIPYARD_HOME names by mistake are left as they are, and the variable is the cure', async () => {
    const parent = dirname(home.path)
    const [file, shared, pipe] = ['file', 'shared', 'pipe'].map((name) => join(parent, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(file, 'text')
    mkdirSync(shared)
    chmodSync(shared, 0o2775)
    spawnSync('mkfifo', [pipe])
    for (const [path, what] of [
      [file, 'is a file where'],
      [pipe, 'is a FIFO where'],
      [shared, 'has the mode 2775'],
    ] as const) {
      const { problems, repairs } = await doctor.run(['--repair'], { SHIPYARD_HOME: path })
      expect(problems).toMatchObject([
        {
          check: 'modes',
          what: expect.stringContaining(what),
          cure: expect.stringContaining('SHIPYARD_HOME'),
        },
      ])
      expect(repairs).toEqual([])
    }
    await expect(openRegistry({ home: file }).register({ port: 1 })).rejects.toThrow('it is no directory')
    mkdirSync(join(shared, 'servers.d'), { mode: 0o700 }) // and it is a registry
    await doctor.run(['--repair'], { SHIPYARD_HOME: shared })
    expect(statSync(shared).mode & 0o7777).toBe(0o2755)
  })

  it.runIf(isLong)('are right after what a cure says to type', async () => {
    const { id } = home.own(await startEchoServer(home.path))
    chmodSync(entryFile(id), 0o640)
    for (const { cure } of (await doctor.run()).problems) type(cure)
    expect((await doctor.run()).problems).toEqual([])
  })

  it('of another user are named with the command that gives them back', async (context) => {
    needUsers(context)
    const { id } = await startServer()
    for (const path of [entryFile(id), home.indexPath]) chownSync(path, nobody.uid, nobody.uid)
    const { problems, repairs } = await doctor.run(['--repair'])
    expect(repairs).toEqual([])
    expect(problems.filter(({ check }) => check === 'modes')).toHaveLength(2)
    for (const { cure } of problems.filter(({ check }) => check === 'modes'))
      type(cure.split(', or ')[0] ?? '')
    expect((await doctor.run()).problems).toEqual([])
  })

  it('that keep this user out are repaired, and then what is behind them, but not by sudo', async (context) => {
    needUsers(context)
    giveTo(home, nobody)
    const [command = '', ...prefix] = nobody.prefix
    const env = { SHIPYARD_HOME: home.path }
    const server = home.own(
      await listening(startProcess(command, [...prefix, process.execPath, echoServer], { env })),
    )
    await server.stop('SIGKILL')
    chmodSync(inHome('servers.d'), 0o000)
    const run = async (...args: string[]) => {
      const doctorArgs = [wsyard, 'doctor', '--hub', doctor.hub, ...args]
      const running = home.own(startProcess(command, [...prefix, process.execPath, ...doctorArgs], { env }))
      return { code: await running.ended, output: running.output() }
    }
    const byRoot = await doctor.run(['--repair'])
    expect([byRoot.problems, byRoot.repairs, byRoot.results]).toMatchObject([
      [{ check: 'home', cure: expect.stringContaining('Run it as that user, without sudo') }],
      [],
      { home: 'problem' },
    ])
    expect(Object.keys(byRoot.results)).toEqual(['home'])
    expect(await run()).toMatchObject({ code: 1, output: expect.stringContaining('has the mode 000') })
    const { code, output } = await run('--repair')
    expect(output).toContain(`Gave ${inHome('servers.d')} the mode 700.`)
    expect(output).toContain(`Took "${server.id}" out.`)
    expect(code).toBe(0)
  })

  it.runIf(isLong)('are not looked for behind links, which are set aside', async () => {
    const { id } = home.own(await startEchoServer(home.path))
    const target = join(dirname(home.path), 'elsewhere.json')
    renameSync(home.indexPath, target)
    symlinkSync(target, home.indexPath)
    symlinkSync(target, entryFile('linked'))
    const before = readFileSync(target, 'utf8')
    const { problems } = await doctor.run()
    expect(problems.map(({ where }) => where).sort()).toEqual([home.indexPath, entryFile('linked')].sort())
    await doctor.repair('modes')
    expect(readFileSync(target, 'utf8')).toBe(before)
    const aside = [...readdirSync(home.path), ...readdirSync(inHome('servers.d'))].filter((name) =>
      name.includes('.set-aside-'),
    )
    expect(aside).toHaveLength(2)
    await expect.poll(() => lstatSync(home.indexPath, { throwIfNoEntry: false })?.isFile()).toBe(true)
    await expect.poll(() => readFileSync(home.indexPath, 'utf8')).toContain(id)
  })

  it.runIf(isLong)('of what is behind a link in the place of servers.d are left as they are', async () => {
    const target = join(dirname(home.path), 'target')
    for (const path of [home.path, target]) mkdirSync(path, { mode: 0o700 })
    const file = join(target, 'precious.json')
    writeFileSync(file, 'precious', { mode: 0o644 })
    symlinkSync(target, inHome('servers.d'))
    const { repairs } = await doctor.repair('modes')
    expect(repairs).toMatchObject([{ did: expect.stringContaining(`Set ${inHome('servers.d')} aside`) }])
    expect(readFileSync(file, 'utf8')).toBe('precious')
    expect(statSync(file).mode & 0o777).toBe(0o644)
    expect(readdirSync(target)).toEqual(['precious.json'])
  })

  it.runIf(isLong)('are well in a directory that is a link itself', async () => {
    const { id } = home.own(await startEchoServer(home.path))
    const link = join(dirname(home.path), 'link')
    symlinkSync(home.path, link)
    const { results, notes } = await doctor.run([], { SHIPYARD_HOME: link })
    expect(notes.filter(({ what }) => what.includes(id))).toEqual([])
    expect(results).toMatchObject({
      modes: 'well',
      exited: 'well',
    })
    expect(existsSync(entryFile(id))).toBe(true)
  })
})

describe('a broken file', () => {
  it('in the place of servers.json is set aside, and the index made anew', async () => {
    const { id } = await startServer()
    writeFileSync(home.indexPath, '{ "servers": [ {', { mode: 0o600 })
    // Its server repairs it within some seconds too; the doctor is asked at once, or finds it in order.
    const { problems } = await doctor.run()
    for (const problem of problems) expect(problem).toMatchObject({ check: 'index', where: home.indexPath })
    await doctor.repair('index')
    expect(JSON.parse(readFileSync(home.indexPath, 'utf8'))).toMatchObject({ servers: [{ id }] })
    const aside = readdirSync(home.path).filter((name) => name.startsWith('servers.json.corrupt-'))
    expect(readFileSync(inHome(aside[0] ?? ''), 'utf8')).toBe('{ "servers": [ {')
  })

  const brokenIndexes = [
    ['is not JSON', 'not { JSON'],
    ['has no servers', '{"a": 1}'],
  ] as const
  it.each(isLong ? brokenIndexes : brokenIndexes.slice(0, 1))(
    'that nobody else repairs and %s is found and set aside',
    async (_, text) => {
      mkdirSync(home.path, { mode: 0o700 })
      writeFileSync(home.indexPath, text, { mode: 0o600 })
      const before = stateOf(home.path)
      expect((await doctor.run()).problems).toMatchObject([{ check: 'index', repairable: true }])
      expect(stateOf(home.path)).toEqual(before)
      const { repairs } = await doctor.repair('index')
      const aside = /aside as (\S+) and/.exec(repairs[0]?.did ?? '')?.[1] ?? ''
      expect(readFileSync(aside, 'utf8')).toBe(text)
    },
  )

  const brokenEntries = [
    ['is not JSON', 'not { JSON', 'it is not JSON'],
    ['is empty', '', 'it is empty'],
    ['lacks a field', '{"id":"broken"}', 'port'],
    ['is too large', `{"id":"broken"${' '.repeat(9000)}}`, 'bytes'],
  ] as const
  it.each(isLong ? brokenEntries : brokenEntries.slice(0, 1))(
    'in servers.d that %s is set aside',
    async (_, text, why) => {
      const { id } = await startServer()
      writeFileSync(entryFile('broken'), text, { mode: 0o600 })
      const { problems } = await doctor.run()
      expect(problems).toMatchObject([{ check: 'entry-files', where: entryFile('broken'), repairable: true }])
      expect(problems[0]?.what).toContain(why)
      const { repairs } = await doctor.repair('entry-files')
      const aside = /aside as (\S+)\.$/.exec(repairs[0]?.did ?? '')?.[1] ?? ''
      expect(readFileSync(aside, 'utf8')).toBe(text)
      expect(await registry.list()).toMatchObject([{ id }])
    },
  )

  it('that is the entry of a newer version is noted, and left where it is', async () => {
    const { id } = (await registry.register({ port: (await listenAt(home, '127.0.0.1')).port })).entry
    const entry = JSON.parse(readFileSync(entryFile(id), 'utf8'))
    writeFileSync(entryFile('newer'), JSON.stringify({ ...entry, id: 'newer', auth: 'mtls' }), {
      mode: 0o600,
    })
    const { notes, problems, repairs } = await doctor.run(['--repair'])
    expect([problems, repairs]).toEqual([[], []])
    expect(notes.filter(({ check }) => check === 'entry-files')).toMatchObject([
      { where: entryFile('newer'), what: expect.stringContaining('A newer one may have written it') },
    ])
  })

  it.runIf(isLong)(
    'that was the entry of a live server is set aside, and the server writes it anew',
    async () => {
      const { id } = home.own(await startEchoServer(home.path))
      writeFileSync(entryFile(id), 'overwritten')
      await doctor.run(['--repair'])
      await expect.poll(async () => (await registry.list()).map((entry) => entry.id)).toEqual([id])
      await expect.poll(async () => (await doctor.run()).problems).toEqual([])
    },
  )
})

describe('a hub', () => {
  it('that is not there, silent, or another program is told apart, and well once it is started', async () => {
    const port = await refusingPort()
    const address = `http://127.0.0.1:${port}`
    const atHub = async () => (await doctor.run(['--hub', address])).problems
    const [absent] = await atHub()
    expect(absent).toMatchObject({ check: 'hub', what: expect.stringContaining('ECONNREFUSED') })

    const http = createNetServer((socket) => socket.resume().end('SSH-2.0-x\r\n')).listen(port, '127.0.0.1')
    await once(http, 'listening')
    const [other] = await atHub()
    expect(other).toMatchObject({ check: 'hub', what: expect.stringContaining('is no hub of wsyard') })
    if (process.platform === 'linux') expect(other?.what).toContain(`process ${process.pid} (node`)
    await new Promise((resolve) => http.close(resolve))

    const command = /wsyard (hub --port \d+)/.exec(absent?.cure ?? '')?.[1] ?? ''
    const hub = startCommand(home, command.split(' '))
    await hub.printed(/is running/)
    expect((await doctor.run(['--hub', address])).results.hub).toBe('well')
    if (!isLong) return // as it has five seconds to answer
    process.kill(hub.pid, 'SIGSTOP')
    const [silent] = await atHub()
    expect(silent?.what).toContain(`rocess ${hub.pid} (node wsyard.js) listens at ${address}, and has not`)
    type(/kill -CONT \d+/.exec(silent?.cure ?? '')?.[0] ?? '')
    expect((await doctor.run(['--hub', address])).results.hub).toBe('well')
  })

  it('of another registry is found by its token, and is well for that; it says which option lets a page in, or a name', async () => {
    const other = createTestHome()
    home.onCleanUp(() => other[Symbol.asyncDispose]())
    const hub = startCommand(other, ['hub', '--port', '0'])
    const [link = ''] = await hub.printed(/http:\S+#token=\S+/)
    const { origin: address, port } = new URL(link)
    const without = await doctor.run(['--hub', address])
    expect(without.problems).toMatchObject([
      { check: 'hub', what: expect.stringContaining('this registry has none') },
    ])
    mkdirSync(home.path, { mode: 0o700 })
    writeFileSync(inHome('hub.token'), `${'a'.repeat(43)}\n`, { mode: 0o600 })
    const { problems } = await doctor.run(['--hub', address])
    const says = process.platform === 'linux' ? 'another token' : 'was not shown any'
    expect(problems).toMatchObject([{ check: 'hub', what: expect.stringContaining(says) }])
    expect((await doctor.run(['--hub', address], { SHIPYARD_HOME: other.path })).results.hub).toBe('well')
    expect((await doctor.run(['--hub', link])).results.hub).toBe('well')
    const wrong = link.replace(/#token=.*/, `#token=${'b'.repeat(43)}`)
    expect((await doctor.run(['--hub', wrong])).problems).toMatchObject([{ check: 'hub' }])

    // 127.1.2.3 is this machine by any name; "0.0.0.0" is a name that a hub of 127.0.0.1 does not go by.
    const byName = await doctor.run(['--hub', `http://0.0.0.0:${port}`])
    expect(byName.problems).toMatchObject([{ check: 'hub', cure: expect.stringContaining('--hosts') }])

    const byPage = await doctor.run(['--hub', link, '--origin', 'https://app.example'])
    expect(byPage.problems).toMatchObject([
      { check: 'origin', what: expect.stringContaining('ORIGIN_NOT_ALLOWED') },
    ])
    expect(byPage.problems[0]?.cure).toContain('add it to --origins')
  })

  it.runIf(process.platform === 'linux' && hasIPv6)(
    "in whose place another user listens is shown no token, although this user has the port's other address",
    async (context) => {
      needUsers(context)
      const http = createHttp((_, response) => response.end('a server of this user')).listen(0, '::1')
      await once(http, 'listening')
      home.onCleanUp(() => http.close())
      const { port } = http.address() as AddressInfo
      const script = `
        require('node:http').createServer(({ headers }, response) => {
          console.log('asked', headers.authorization)
          response.writeHead(401).end('{ "error": { "code": "TOKEN_NEEDED", "message": "x" } }')
        }).listen(${port}, '127.0.0.1', () => console.log('listening'))`
      const [command = '', ...prefix] = nobody.prefix
      const thief = home.own(startProcess(command, [...prefix, process.execPath, '-e', script], { cwd: '/' }))
      await thief.printed(/listening/)
      mkdirSync(home.path, { mode: 0o700 })
      writeFileSync(inHome('hub.token'), `${'a'.repeat(43)}\n`, { mode: 0o600 })
      const { notes } = await doctor.run(['--hub', `http://127.0.0.1:${port}`])
      expect(notes.filter(({ check }) => check === 'hub')).toMatchObject([
        { what: expect.stringContaining('was not shown any') },
      ])
      await thief.stop()
      expect(thief.output()).toBe('listening\nasked undefined\n')
    },
  )
})

describe('the environment', () => {
  /** Runs it with a home directory of the test's own, in which `.shipyard` is the usual place. */
  const userHome = (): string => dirname(home.path)

  it.each([
    ['is empty', '', 'SHIPYARD_HOME is empty.'],
    ['is relative', 'relative/home', 'SHIPYARD_HOME is the relative path "relative/home".'],
  ])('that %s is the only finding', async (_, value, what) => {
    const { problems, results } = await doctor.run(['--repair'], { SHIPYARD_HOME: value })
    expect(problems).toMatchObject([{ check: 'home', what }])
    expect(results).toEqual({ home: 'problem' })
    expect((await doctor.run()).results.home).toBe('well')
  })

  it('that names a directory which is not there, while servers run in the usual one, is found until it is unset', async () => {
    const server = await startServer()
    const left = join(userHome(), 'left-over')
    const { problems } = await doctor.run([], { HOME: userHome(), SHIPYARD_HOME: left })
    expect(problems).toMatchObject([{ check: 'elsewhere', what: expect.stringContaining(server.id) }])
    expect(problems[0]?.what).toContain(`SHIPYARD_HOME names ${left}, which is not there`)
    expect(problems[0]?.cure).toContain('unset SHIPYARD_HOME')
    const { code, out } = await runHere(['--hub', doctor.hub], { HOME: userHome(), SHIPYARD_HOME: undefined })
    expect(code).toBe(0)
    expect(out).toContain(`✓ The registry is in ${home.path}.`)
    expect(existsSync(left)).toBe(false)
  })

  it.runIf(process.platform === 'linux')(
    'of servers that names another directory is noted with theirs',
    async () => {
      const other = createTestHome()
      home.onCleanUp(() => other[Symbol.asyncDispose]())
      const server = home.own(await startEchoServer(other.path, ['--name', 'far']))
      const aboutServer = async (env = {}) =>
        (await doctor.run([], env)).notes.filter((note) => note.what.includes(server.id))
      const [note] = await aboutServer()
      expect(note).toMatchObject({ check: 'elsewhere', where: other.path })
      const value = /export SHIPYARD_HOME=(\S+),/.exec(note?.cure ?? '')?.[1] ?? ''
      expect(await aboutServer({ SHIPYARD_HOME: value })).toEqual([])
    },
  )
})

describe('a registry that is shared', () => {
  it('with another pid namespace is noted, with the servers of that', async (context) => {
    const [command = '', ...args] = pidNamespace(context)
    const env = { SHIPYARD_HOME: home.path }
    const server = home.own(
      await listening(startProcess(command, [...args, process.execPath, echoServer], { env })),
    )
    const { notes, problems } = await doctor.run(['--repair'])
    const [note] = notes.filter(({ check }) => check === 'shared')
    expect(note?.what).toContain(`another pid namespace of this machine, as a container has: "${server.id}"`)
    expect(problems.filter(({ check }) => check === 'exited')).toEqual([])
    expect(existsSync(entryFile(server.id))).toBe(true)
    // The cure: a registry of its own for each side.
    const own = createTestHome()
    home.onCleanUp(() => own[Symbol.asyncDispose]())
    expect((await doctor.run([], { SHIPYARD_HOME: own.path })).results.shared).toBe('well')
  })

  it('with another machine is noted as that', async () => {
    const { entry } = await registry.register({ port: (await listenAt(home, '127.0.0.1')).port })
    const { state: _, ...fields } = entry
    const far = {
      ...fields,
      id: 'far',
      instance: '0'.repeat(32),
      machine: `${'0'.repeat(16)}.${'1'.repeat(16)}`,
    }
    writeFileSync(entryFile('far'), JSON.stringify(far), { mode: 0o600 })
    const { notes } = await doctor.run()
    expect(notes.filter(({ check }) => check === 'shared')).toMatchObject([
      { what: expect.stringContaining('of another machine: "far"') },
    ])
    rmSync(entryFile('far'))
    expect((await doctor.run()).results.shared).toBe('well')
  })
})
