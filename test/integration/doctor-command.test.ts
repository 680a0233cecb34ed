/** `wsyard doctor`: each cause made for real, the cure applied that it names, and a second look that finds nothing. */
import { spawnSync } from 'node:child_process'
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
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { runCommand, startCommand, wsyard } from '../support/command.js'
import { type Doctor, type Finding, listenAt, startDoctor, stateOf } from '../support/doctor-run.js'
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
    home.own(await startEchoServer(home.path))
    home.own(await startEchoServer(home.path, ['--name', 'worker-a']))
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
      [['--hub', 'nowhere'], 'It must be a URL'],
      [['--hub', 'http://127.0.0.1:1/#token=short'], 'copy the whole link'],
      [['--origin', 'https://app.example/path'], 'without a path'],
      [['--origin', 'app.example'], 'It must be as https://app.example'],
    ] as const) {
      const { code, err } = await runCommand(home, ['doctor', ...args])
      expect([code, err]).toEqual([2, expect.stringContaining(message)])
    }
  })

  it('are explained, with examples', async () => {
    const { code, out } = await runCommand(home, ['doctor', '--help'])
    expect(code).toBe(0)
    expect(out).toMatch(/Examples:\n +wsyard doctor /)
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
    const elsewhere = createTestHome()
    home.onCleanUp(() => elsewhere[Symbol.asyncDispose]())
    const other = home.own(await startEchoServer(elsewhere.path))
    const { id } = await registry.register({ port: other.port })
    const { problems } = await doctor.run()
    expect(problems).toMatchObject([
      { check: 'addresses', what: expect.stringContaining(`process ${other.pid} (node `) },
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

  it('that the hub refuses is let in by the option that the cure names', async () => {
    const start = async (...args: string[]) => {
      const hub = startCommand(home, ['hub', '--port', '0', ...args])
      const [link = ''] = await hub.printed(/http:\S+#token=\S+/)
      return { hub, link }
    }
    const closed = await start()
    const { problems } = await doctor.run(['--hub', closed.link, '--origin', page])
    expect(problems).toMatchObject([{ check: 'origin', what: expect.stringContaining('ORIGIN_NOT_ALLOWED') }])
    expect(problems[0]?.cure).toContain('add it to --origins')
    await closed.hub.stop()

    const open = await start('--origins', page)
    const { results, problems: none } = await doctor.run(['--hub', open.link, '--origin', page])
    expect(none).toEqual([])
    expect(results).toMatchObject({ origin: 'well', hub: 'well' })
    await open.hub.stop()
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
    const living = home.own(await startEchoServer(home.path))
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
    home.own(await startEchoServer(home.path))
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
  const start = async (auth: 'open' | 'token'): Promise<EchoServer> => {
    const script = join(projectRoot, 'test/support/doctor-server.js')
    return home.own(
      await listening(startProcess(process.execPath, [script, auth], { env: { SHIPYARD_HOME: home.path } })),
    )
  }

  /** A server has a second to answer, in which a busy machine may not let it. */
  const findUnregistered = async (): Promise<readonly Finding[]> => {
    let problems: readonly Finding[] = []
    await expect
      .poll(async () => {
        problems = (await doctor.run()).problems
        return problems.map(({ check }) => check)
      })
      .toEqual(['unregistered'])
    return problems
  }

  it('is found and registered, and its entry goes with it and not with the repair', async () => {
    const server = await start('open')
    const [problem] = await findUnregistered()
    expect(problem).toMatchObject({ check: 'unregistered', repairable: true })
    expect(problem?.what).toContain(`port ${server.port}, process ${server.pid} (node `)
    await expect.poll(async () => (await doctor.run(['--repair'])).repairs.length).toBe(1)
    expect((await doctor.run()).results.unregistered).toBe('well')
    expect(await registry.list()).toMatchObject([{ port: server.port, pid: server.pid, host: '127.0.0.1' }])
    await server.stop('SIGKILL')
    expect(await registry.list()).toEqual([])
  })

  it('is to be restarted when it asks for a token, which nobody else knows', async () => {
    const server = await start('token')
    const [problem] = await findUnregistered()
    expect(problem).toMatchObject({ repairable: false, cure: expect.stringContaining('Restart it') })
    expect((await doctor.run(['--repair'])).repairs).toEqual([])
    expect(await registry.list()).toEqual([])
    await server.stop()
    home.own(await startEchoServer(home.path))
    expect((await doctor.run()).results.unregistered).toBe('well')
  })

  it.runIf(isLong)(
    'is left to itself when it looks after its entry: there is one of it in the end',
    async () => {
      const server = home.own(await startEchoServer(home.path, ['--name', 'worker-a']))
      removeHome(home)
      const { repairs } = await doctor.repair('unregistered')
      for (const { did } of repairs) expect(did).toContain('by itself')
      expect(await registry.list()).toMatchObject([{ id: server.id, name: 'worker-a' }])
    },
  )

  it('is none of this registry when its environment names another', async () => {
    const other = createTestHome()
    home.onCleanUp(() => other[Symbol.asyncDispose]())
    const script = join(projectRoot, 'test/support/doctor-server.js')
    const env = { SHIPYARD_HOME: other.path }
    home.own(await listening(startProcess(process.execPath, [script, 'open'], { env })))
    expect((await doctor.run(['--repair'])).results.unregistered).toBe('well')
    expect(await registry.list()).toEqual([])
  })
})

describe.skipIf(process.platform === 'win32')('modes and owners', () => {
  it('that are open to others are closed, and those of files that are none of ours are left', async () => {
    const { id } = home.own(await startEchoServer(home.path))
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

  it.runIf(isLong)('are right after what a cure says to type', async () => {
    const { id } = home.own(await startEchoServer(home.path))
    chmodSync(entryFile(id), 0o640)
    for (const { cure } of (await doctor.run()).problems) type(cure)
    expect((await doctor.run()).problems).toEqual([])
  })

  it('of another user are named with the command that gives them back', async (context) => {
    needUsers(context)
    const { id } = home.own(await startEchoServer(home.path))
    for (const path of [entryFile(id), home.indexPath]) chownSync(path, nobody.uid, nobody.uid)
    const { problems, repairs } = await doctor.run(['--repair'])
    expect(repairs).toEqual([])
    expect(problems.filter(({ check }) => check === 'modes')).toHaveLength(2)
    for (const { cure } of problems.filter(({ check }) => check === 'modes'))
      type(cure.split(', or ')[0] ?? '')
    expect((await doctor.run()).problems).toEqual([])
  })

  it('of a directory of another user are one finding, and right after the command that it names', async (context) => {
    needUsers(context)
    await home.own(await startEchoServer(home.path)).stop()
    for (const path of [entryFile('broken'), home.indexPath, inHome('servers.d'), home.path]) {
      if (path === entryFile('broken')) writeFileSync(path, '{}', { mode: 0o644 })
      chownSync(path, nobody.uid, nobody.uid)
    }
    const { problems, repairs } = await doctor.run(['--repair'])
    expect(repairs).toEqual([])
    expect(problems).toMatchObject([{ check: 'modes', where: home.path }])
    type(problems[0]?.cure.split(', or ')[0] ?? '')
    for (const problem of (await doctor.run()).problems) expect(problem.where).toBe(entryFile('broken'))
  })

  it('that keep this user out are repaired, and then what is behind them', async (context) => {
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
    expect(await run()).toMatchObject({ code: 1, output: expect.stringContaining('has the mode 000') })
    const { code, output } = await run('--repair')
    expect(output).toContain(`Gave ${inHome('servers.d')} the mode 700.`)
    expect(output).toContain(`Took "${server.id}" out.`)
    expect(code).toBe(0)
    expect(await run()).toMatchObject({ code: 0 })
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
    const { id } = home.own(await startEchoServer(home.path))
    writeFileSync(home.indexPath, '{ "servers": [ {', { mode: 0o600 })
    // Its server repairs it within some seconds too; the doctor is asked at once, or finds it in order.
    const { problems } = await doctor.run()
    for (const problem of problems) expect(problem).toMatchObject({ check: 'index', where: home.indexPath })
    await doctor.repair('index')
    expect(JSON.parse(readFileSync(home.indexPath, 'utf8'))).toMatchObject({ servers: [{ id }] })
    const aside = readdirSync(home.path).filter((name) => name.startsWith('servers.json.corrupt-'))
    expect(readFileSync(inHome(aside[0] ?? ''), 'utf8')).toBe('{ "servers": [ {')
  })

  it.each([
    ['is not JSON', 'not { JSON'],
    ['has no servers', '{"a": 1}'],
  ])('that nobody else repairs and %s is found and set aside', async (_, text) => {
    mkdirSync(home.path, { mode: 0o700 })
    writeFileSync(home.indexPath, text, { mode: 0o600 })
    const before = stateOf(home.path)
    expect((await doctor.run()).problems).toMatchObject([{ check: 'index', repairable: true }])
    expect(stateOf(home.path)).toEqual(before)
    const { repairs } = await doctor.repair('index')
    const aside = /aside as (\S+) and/.exec(repairs[0]?.did ?? '')?.[1] ?? ''
    expect(readFileSync(aside, 'utf8')).toBe(text)
  })

  const brokenEntries = [
    ['is not JSON', 'not { JSON', 'it is not JSON'],
    ['is empty', '', 'it is empty'],
    ['lacks a field', '{"id":"broken"}', 'port'],
    ['is too large', `{"id":"broken"${' '.repeat(9000)}}`, 'bytes'],
  ] as const
  it.each(isLong ? brokenEntries : brokenEntries.slice(0, 1))(
    'in servers.d that %s is set aside',
    async (_, text, why) => {
      const { id } = home.own(await startEchoServer(home.path))
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
  it('that runs nowhere is a problem where it was named, until it is started', async () => {
    const port = await refusingPort()
    const address = `http://127.0.0.1:${port}`
    const { problems } = await doctor.run(['--hub', address])
    expect(problems).toMatchObject([{ check: 'hub', what: expect.stringContaining('ECONNREFUSED') }])
    const command = /wsyard (hub --port \d+)/.exec(problems[0]?.cure ?? '')?.[1] ?? ''
    const hub = startCommand(home, command.split(' '))
    await hub.printed(/is running/)
    expect((await doctor.run(['--hub', address])).results.hub).toBe('well')
    await hub.stop()
  })

  it('whose port another program has is told apart, and the program named', async () => {
    const { port, close } = await listenAt(home, '127.0.0.1')
    const address = `http://127.0.0.1:${port}`
    const { problems } = await doctor.run(['--hub', address])
    expect(problems).toMatchObject([{ check: 'hub', what: expect.stringContaining('is no hub of wsyard') }])
    if (process.platform === 'linux') expect(problems[0]?.what).toContain(`process ${process.pid} (node`)
    await close()
    const hub = startCommand(home, ['hub', '--port', String(port)])
    await hub.printed(/is running/)
    expect((await doctor.run(['--hub', address])).results.hub).toBe('well')
    await hub.stop()
  })

  it('that asks for the token of another registry is found, and is well for that registry', async () => {
    const other = createTestHome()
    home.onCleanUp(() => other[Symbol.asyncDispose]())
    const hub = startCommand(other, ['hub', '--port', '0'])
    const [link = ''] = await hub.printed(/http:\S+#token=\S+/)
    const address = new URL(link).origin
    const without = await doctor.run(['--hub', address])
    expect(without.problems).toMatchObject([
      { check: 'hub', what: expect.stringContaining('this registry has none') },
    ])
    mkdirSync(home.path, { mode: 0o700 })
    writeFileSync(inHome('hub.token'), `${'a'.repeat(43)}\n`, { mode: 0o600 })
    const { problems } = await doctor.run(['--hub', address])
    expect(problems).toMatchObject([{ check: 'hub', what: expect.stringContaining('another token') }])
    expect((await doctor.run(['--hub', address], { SHIPYARD_HOME: other.path })).results.hub).toBe('well')
    expect((await doctor.run(['--hub', link])).results.hub).toBe('well')
    const wrong = link.replace(/#token=.*/, `#token=${'b'.repeat(43)}`)
    expect((await doctor.run(['--hub', wrong])).problems).toMatchObject([{ check: 'hub' }])
    await hub.stop()
  })

  it('that refuses to be asked by that name says which option lets it', async () => {
    const hub = startCommand(home, ['hub', '--port', '0'])
    const [link = ''] = await hub.printed(/http:\S+#token=\S+/)
    const { port } = new URL(link)
    // 127.1.2.3 is this machine by any name; "0.0.0.0" is a name that a hub of 127.0.0.1 does not go by.
    const { problems } = await doctor.run(['--hub', `http://0.0.0.0:${port}`])
    expect(problems).toMatchObject([{ check: 'hub', cure: expect.stringContaining('--hosts') }])
    await hub.stop()
  })

  it.runIf(process.platform === 'linux')(
    'of another user is not shown the token of this registry',
    async (context) => {
      needUsers(context)
      const other = createTestHome()
      home.onCleanUp(() => other[Symbol.asyncDispose]())
      giveTo(other, nobody)
      const [command = '', ...prefix] = nobody.prefix
      const args = [...prefix, process.execPath, wsyard, 'hub', '--port', '0']
      const hub = home.own(startProcess(command, args, { env: { SHIPYARD_HOME: other.path } }))
      const [link = ''] = await hub.printed(/http:\S+#token=\S+/)
      mkdirSync(home.path, { mode: 0o700 })
      writeFileSync(inHome('hub.token'), `${'a'.repeat(43)}\n`, { mode: 0o600 })
      const { notes } = await doctor.run(['--hub', new URL(link).origin])
      expect(notes.filter(({ check }) => check === 'hub')).toMatchObject([
        { what: expect.stringContaining('was not shown any') },
      ])
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
    const env = ['-u', 'SHIPYARD_HOME', `HOME=${userHome()}`]
    const server = home.own(await listening(startProcess('env', [...env, process.execPath, echoServer])))
    const left = join(userHome(), 'left-over')
    const { problems } = await doctor.run([], { HOME: userHome(), SHIPYARD_HOME: left })
    expect(problems).toMatchObject([{ check: 'elsewhere', what: expect.stringContaining(server.id) }])
    expect(problems[0]?.what).toContain(`SHIPYARD_HOME names ${left}, which is not there`)
    expect(problems[0]?.cure).toContain('unset SHIPYARD_HOME')
    const clean = home.own(
      startProcess('env', [...env, process.execPath, wsyard, 'doctor', '--hub', doctor.hub]),
    )
    expect(await clean.ended).toBe(0)
    expect(clean.output()).toContain(`✓ The registry is in ${home.path}.`)
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
