/** What other programs have on record of themselves: found while they run, whatever their files hold, and never with a secret. */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandLinesOfUser } from '../../src/cli/discover/command-lines.js'
import type { Discovered } from '../../src/cli/discover/discovered.js'
import { createDiscoverHome, type DiscoverHome, pidOfTheDead } from '../support/discover-home.js'
import { programOf, programs, secret } from '../support/discover-records.js'
import { createTestHome, type RunningProcess, startProcess, type TestHome } from '../support/processes.js'
import { needRoot } from '../support/tools.js'
import { nobody } from '../support/users.js'

let testHome: TestHome
let home: DiscoverHome

beforeEach(() => {
  testHome = createTestHome()
  home = createDiscoverHome(testHome)
})
afterEach(() => testHome[Symbol.asyncDispose]())

const { pid } = process
const isLinux = process.platform === 'linux'
/** Where the system tells who listens at a port. */
const pidIfTold = (one: number): { pid?: number } => (process.platform === 'win32' ? {} : { pid: one })

const kinds = Object.keys(programs)
const record = (kind: string, port: number): object => programOf(kind).record(port, pid)
const found = (kind: string, port: number): Discovered => programOf(kind).found(port, pid)

describe('a record', () => {
  it.each(kinds)('of %s is found while its server runs', async (kind) => {
    const port = await home.listen()
    home.record(kind, port)
    expect(await home.discover()).toEqual([found(kind, port)])
  })

  it.each(kinds)(
    'of %s is left out when its process has ended, or nothing listens at its port',
    async (kind) => {
      const port = await home.listen()
      home.record(kind, port, await pidOfTheDead())
      expect(await home.discover()).toEqual([])
      home.record(kind, 1)
      expect(await home.discover()).toEqual([])
    },
  )

  it('is found in whatever form its program has given it since', async () => {
    const port = await home.listen('::1')
    home.write(`.local/share/jupyter/runtime/nbserver-${pid}.json`, {
      port,
      pid,
      notebook_dir: '/srv',
      new: [],
    })
    home.write('.storybook/instances/a.json', {
      port,
      pid: String(pid),
      startedAt: 'yesterday',
      url: 'file:///etc',
    })
    home.write('.devframe/instances/a.json', { port, pid, id: 'inspect', origin: 7 })
    home.write(`.claude/ide/${port}.lock`, {})
    expect(await home.discover()).toEqual([
      { source: 'jupyter', name: 'Jupyter Notebook', port, pid, where: '/srv' },
      { source: 'storybook', name: 'Storybook', port, pid },
      { source: 'devframe', name: 'inspect', port, pid },
      { source: 'editor', name: 'editor', port },
    ])
  })

  it('of a server at an address of the network counts by its process, and nobody dials it', async () => {
    const runtime = '.local/share/jupyter/runtime'
    home.write(`${runtime}/jpserver-1.json`, { port: 8888, pid, hostname: '192.0.2.1' })
    home.write(`${runtime}/jpserver-2.json`, { port: 8889, pid: await pidOfTheDead(), hostname: '192.0.2.1' })
    home.write(`${runtime}/jpserver-3.json`, {
      port: 8890,
      pid,
      hostname: 'localhost',
      sock: '/tmp/jupyter.sock',
    })
    expect(await home.discover()).toMatchObject([{ port: 8888, host: '192.0.2.1' }])
  })

  it('carries no secret over, wherever one stands', async () => {
    const port = await home.listen()
    for (const kind of kinds) home.record(kind, port)
    const servers = await home.discover()
    expect(servers).toHaveLength(kinds.length)
    expect(JSON.stringify(servers)).not.toContain(secret)
  })
})

/** Where each program looks for its records, and the name that one of them has. */
const places = kinds.map((kind) => programOf(kind).file(1, pid))

describe('a file', () => {
  const hostile: Readonly<Record<string, string>> = {
    'that is empty': '',
    'half written': `{"port": 80, "pid": ${pid}, "roo`,
    'of another kind': '\x7fELF\0\x01\xff\ufeff',
    'that is null': 'null',
    'that is a list': '[1]',
    'with nothing that is meant': '{}',
    'with fields of other kinds':
      '{"port":{},"pid":[],"url":1,"origin":null,"workspaceFolders":7,"ideInfo":[],"sock":1}',
    'with numbers that are none': '{"port":-1,"pid":1e99,"startedAt":1e99}',
    'with ports that are none': '{"port":70000,"pid":0,"id":"x"}',
  }

  it.each(Object.keys(hostile))('%s is passed over', async (kind) => {
    for (const place of places) home.write(place, hostile[kind])
    home.write('.config/google-chrome/DevToolsActivePort', hostile[kind])
    expect(await home.discover()).toEqual([])
  })

  it('over 64 KiB is passed over', async () => {
    const port = await home.listen()
    for (const kind of kinds) {
      home.write(programOf(kind).file(port, pid), { ...record(kind, port), more: 'x'.repeat(64 * 1024) })
    }
    expect(await home.discover()).toEqual([])
  })

  it.skipIf(process.platform === 'win32')(
    'that is a link, a FIFO or a directory is passed over',
    async () => {
      const port = await home.listen()
      const target = home.write('elsewhere.json', record('devframe', port))
      const file = (name: string): string => join(home.path, '.devframe/instances', name)
      const good = home.record('devframe', port)
      symlinkSync(target, file('link.json'))
      symlinkSync('/dev/zero', file('endless.json'))
      execFileSync('mkfifo', [file('fifo.json')])
      mkdirSync(file('directory.json'))
      expect(existsSync(good)).toBe(true)
      expect(await home.discover()).toEqual([found('devframe', port)])
    },
  )

  it('of another user is passed over', async (context) => {
    needRoot(context)
    const port = await home.listen()
    for (const kind of kinds) chownSync(home.record(kind, port), nobody.uid, nobody.uid)
    expect(await home.discover()).toEqual([])
  })

  it('that has a long name is shown with the first hundred characters of it', async () => {
    const port = await home.listen()
    home.write('.devframe/instances/a.json', { ...record('devframe', port), name: 'N'.repeat(101) })
    expect(await home.discover()).toMatchObject([{ name: `${'N'.repeat(99)}…` }])
  })

  it('beyond the two hundredth of a directory is not read, which is said, and nothing else', async () => {
    const said: { message: string }[] = []
    const hear = (warning: { message: string }): void => void said.push(warning)
    process.on('warning', hear)
    const port = await home.listen()
    for (let count = 0; count < 201; count++)
      home.write(`.devframe/instances/${count}.json`, record('devframe', port))
    expect(await home.discover({ onWarning: hear })).toHaveLength(200)
    process.off('warning', hear)
    expect(said).toMatchObject([
      {
        code: 'WSYARD_ERR_FILE_REFUSED',
        message: `Read only 200 of the 201 records in ${join(home.path, '.devframe/instances')}: a server may be missing. Remove those of programs that have ended.`,
      },
    ])
  })
})

describe('the directory', () => {
  const data = { APPDATA: 'AppData/Roaming', LOCALAPPDATA: 'AppData/Local' }
  it.each([
    ['linux', { JUPYTER_RUNTIME_DIR: 'run', JUPYTER_DATA_DIR: 'data' }, 'run'],
    ['linux', { JUPYTER_DATA_DIR: 'data' }, 'data/runtime'],
    ['linux', { XDG_DATA_HOME: 'xdg' }, 'xdg/jupyter/runtime'],
    ['darwin', {}, 'Library/Jupyter/runtime'],
    ['darwin', {}, 'Library/Application Support/Jupyter/runtime'],
    ['win32', data, 'AppData/Roaming/jupyter/runtime'],
    ['win32', data, 'AppData/Local/jupyter/runtime'],
  ] as const)('of Jupyter on %s, with %o, is %s', async (platform, names, directory) => {
    const port = await home.listen()
    home.write(`${directory}/jpserver-1.json`, record('Jupyter', port))
    expect(await home.discover({ platform, env: within(names) })).toMatchObject([{ source: 'jupyter', port }])
  })

  it.each([
    ['linux', {}, '.config/chromium'],
    ['linux', { XDG_CONFIG_HOME: 'xdg' }, 'xdg/google-chrome-for-testing'],
    ['linux', { XDG_CONFIG_HOME: 'xdg', CHROME_CONFIG_HOME: 'own' }, 'own/google-chrome'],
    ['linux', {}, 'snap/chromium/common/chromium'],
    ['darwin', {}, 'Library/Application Support/Google/Chrome Canary'],
    ['win32', { LOCALAPPDATA: 'Local' }, 'Local/Google/Chrome/User Data'],
    ['win32', {}, 'AppData/Local/Microsoft/Edge/User Data'],
  ] as const)('of a browser on %s, with %o, is %s', async (platform, names, directory) => {
    const port = await home.answer({ '/json/version': { Browser: 'Chrome/156.0.8078.108' } })
    home.write(`${directory}/DevToolsActivePort`, `${port}\n/devtools/browser/${secret}`)
    expect(await home.discover({ platform, env: within(names) })).toMatchObject([
      { source: 'chrome', port, where: join(home.path, directory) },
    ])
  })

  it.each([
    [{ CLAUDE_CONFIG_DIR: 'claude' }, 'Claude Code', 'claude/ide/%.lock'],
    [{ DEVFRAME_INSTANCES_DIR: 'frames' }, 'devframe', 'frames/%.json'],
  ])('that is named by %o is looked in', async (names, kind, file) => {
    const port = await home.listen()
    home.write(file.replace('%', String(port)), record(kind, port))
    expect(await home.discover({ env: within(names) })).toEqual([found(kind, port)])
  })

  function within(names: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(names).map(([name, path]) => [name, join(home.path, path)]))
  }
})

describe('a port', () => {
  it('of an older Storybook is known by its answer, however long that is', async () => {
    const entries = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`story-${index}`, { index }]),
    )
    const port = await home.answer({ '/index.json': { v: 5, entries } })
    const other = await home.answer({ '/index.json': { entries: {} } })
    const ports = { inspector: [], chrome: [], storybook: [port, other] }
    expect(await home.discover({ ports })).toEqual([
      { source: 'storybook', name: 'Storybook', port, ...pidIfTold(pid), url: `http://127.0.0.1:${port}/` },
    ])
    home.record('Storybook', port)
    expect(await home.discover({ ports })).toEqual([found('Storybook', port)])
  })

  it('where something else answers is none of theirs', async () => {
    const answers = [
      await home.answer({}),
      await home.answer({
        '/json/list': [{ type: 'page', title: 'a page' }],
        '/json/version': { Browser: 'node.js/v20' },
      }),
      await home.answer({ '/json/list': [7], '/json/version': [], '/index.json': 'no' }),
      await home.say('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
      await home.say('SSH-2.0-OpenSSH_9.9\r\n'),
      await home.say(`HTTP/1.1 200 OK\r\n\r\n${'[1,'.repeat(40_000)}`),
      await home.say(`HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n`),
    ]
    const ports = { inspector: answers, chrome: answers, storybook: answers }
    expect(await home.discover({ ports })).toEqual([])
  })

  it('that does not answer in time keeps nobody waiting, and nobody else out', async () => {
    const silent = await home.listen()
    const slow = await home.say('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"type":"node",')
    const port = await home.listen()
    home.record('devframe', port)
    const ports = { inspector: [silent, slow], chrome: [silent, slow], storybook: [silent, slow] }
    const before = performance.now()
    expect(await home.discover({ ports, timeoutMs: 500 })).toEqual([found('devframe', port)])
    // Without the limit it never ends; with it, it takes as long as a busy machine does.
    expect(performance.now() - before).toBeGreaterThan(400)
  })
})

describe('a Node program that is debugged', () => {
  async function startInspected(): Promise<{ running: RunningProcess; port: number; script: string }> {
    const script = home.write('work/worker.js', 'setInterval(() => {}, 1000)')
    const running = testHome.own(startProcess(process.execPath, ['--inspect=127.0.0.1:0', script]))
    const [, port] = await running.printed(/^Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//m)
    return { running, port: Number(port), script }
  }

  it('is found at its port, without what lets a debugger in', async () => {
    const { running, port, script } = await startInspected()
    const [, id = 'no id'] = running.output().match(/127\.0\.0\.1:\d+\/([\w-]+)/) ?? []
    const servers = await home.discover({ ports: { inspector: [port] } })
    expect(servers.filter(({ source }) => source === 'node-inspector')).toEqual([
      {
        source: 'node-inspector',
        name: expect.stringContaining('worker.js'),
        port,
        ...pidIfTold(running.pid),
        where: join(script, '..'),
      },
    ])
    expect(id).toMatch(/^[\da-f-]{36}$/)
    expect(JSON.stringify(servers)).not.toContain(id)
  })

  it('and was given no file has no directory', async () => {
    const running = testHome.own(
      startProcess(process.execPath, ['--inspect=127.0.0.1:0', '-e', 'setInterval(() => {}, 1000)']),
    )
    const [, text] = await running.printed(/^Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//m)
    const port = Number(text)
    expect(await home.discover({ ports: { inspector: [port], chrome: [], storybook: [] } })).toEqual([
      {
        source: 'node-inspector',
        name: expect.stringMatching(`node\\[${running.pid}\\]$`),
        port,
        ...pidIfTold(running.pid),
      },
    ])
  })

  it.runIf(isLinux)('is found at whatever port the arguments of a process name', async () => {
    const { running, port } = await startInspected()
    // It cannot have the port, and goes on without.
    const other = ['-e', 'setInterval(() => console.log("up"), 50)']
    await testHome
      .own(startProcess(process.execPath, [`--inspect=127.0.0.1:${port}`, ...other]))
      .printed(/up/)
    const servers = await home.discover({ commandLines: commandLinesOfUser() })
    expect(servers).toContainEqual(
      expect.objectContaining({ source: 'node-inspector', port, pid: running.pid }),
    )
  })

  it('is found by each of the options that name a port', async () => {
    const port = await home.answer({ '/json/list': [{ type: 'node', title: 'one' }] })
    for (const option of [
      'inspect=',
      'inspect-brk=0.0.0.0:',
      'inspect-wait=[::1]:',
      'inspect-port=localhost:',
    ]) {
      const servers = await home.discover({ commandLines: [['node', `--${option}${port}`, 'one.js']] })
      expect(servers, option).toMatchObject([{ name: 'one', port }])
    }
  })
})

describe('a browser', () => {
  const chromium = '/usr/bin/chromium-headless-shell'
  const version = {
    Browser: 'Chrome/156.0.8078.108',
    webSocketDebuggerUrl: `ws://127.0.0.1/devtools/browser/${secret}`,
  }

  it.runIf(isLinux && existsSync(chromium))('is found by the profile that its arguments name', async () => {
    const profile = join(home.path, 'profile')
    const args = ['--no-sandbox', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank']
    const running = testHome.own(startProcess(chromium, args, { group: true }))
    const [, port, id = ''] = await running.printed(
      /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\/devtools\/browser\/(\S+)/,
    )
    await expect.poll(() => existsSync(join(profile, 'DevToolsActivePort'))).toBe(true)
    const servers = await home.discover({ commandLines: commandLinesOfUser() })
    const [browser] = servers.filter(({ where }) => where === profile)
    expect(browser).toEqual({
      source: 'chrome',
      name: expect.stringMatching(/^HeadlessChrome \d+/),
      port: Number(port),
      pid: expect.any(Number),
      url: `http://127.0.0.1:${port}/`,
      where: profile,
    })
    expect(JSON.stringify(servers)).not.toContain(id)
  })

  it('is found once, however many name its port', async () => {
    const port = await home.answer({ '/json/version': version })
    const record = `${port}\n/devtools/browser/${secret}`
    home.write('.config/chromium/DevToolsActivePort', record)
    home.write('.config/google-chrome/DevToolsActivePort', record)
    const commandLines = [['chrome', `--remote-debugging-port=${port}`, '--user-data-dir=relative']]
    const options = { ports: { inspector: [], chrome: [port], storybook: [] }, commandLines }
    const browser = {
      source: 'chrome',
      name: 'Chrome 156.0.8078.108',
      port,
      ...pidIfTold(pid),
      url: `http://127.0.0.1:${port}/`,
    }
    expect(await home.discover(options)).toEqual([browser]) // in which of the profiles, nobody can tell
    lock('.config/google-chrome', pid)
    const where = join(home.path, '.config/google-chrome')
    expect(await home.discover(options)).toEqual([{ ...browser, where }])
  })

  it('that answers no questions is known by the lock on its profile', async () => {
    const port = await home.answer({})
    home.write('.config/google-chrome/DevToolsActivePort', `${port}\n/devtools/browser/${secret}`)
    expect(await home.discover()).toEqual([])
    lock('.config/google-chrome', pid)
    const where = join(home.path, '.config/google-chrome')
    expect(await home.discover()).toEqual([{ source: 'chrome', name: 'Chrome', port, pid, where }])
  })

  it.runIf(isLinux)('is not taken for what listens now at the port that it once had', async () => {
    const port = await home.answer({})
    home.write('.config/google-chrome/DevToolsActivePort', `${port}\n/devtools/browser/${secret}`)
    lock('.config/google-chrome', testHome.own(startProcess('sleep', ['600'])).pid)
    expect(await home.discover()).toEqual([])
  })

  it('that has ended is left out, though its record stands', async () => {
    home.write('.config/google-chrome/DevToolsActivePort', `1\n/devtools/browser/${secret}`)
    lock('.config/google-chrome', await pidOfTheDead())
    expect(await home.discover()).toEqual([])
  })

  function lock(profile: string, holder: number): void {
    symlinkSync(`host-${holder}`, join(home.path, profile, 'SingletonLock'))
  }
})

it('finds all of them at once, by kind and then by port', async () => {
  const ports = [await home.listen(), await home.listen()].sort((a, b) => a - b)
  for (const port of ports) for (const kind of kinds) home.record(kind, port)
  const servers = await home.discover()
  const [, last = 0] = ports // of one process, of which Jupyter has but one record
  const both = (kind: string): Discovered[] => ports.map((port) => found(kind, port))
  expect(servers.slice(0, 5)).toEqual([found('Jupyter', last), ...both('Storybook'), ...both('devframe')])
  expect(servers.slice(5).map(({ source, port }) => [source, port])).toEqual(
    ports.flatMap((port) => Array(3).fill(['editor', port])),
  )
})
