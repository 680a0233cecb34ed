/** What the registry refuses to read or to keep, one rule a test: the others are served, and nothing is lost. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, openRegistry, type Registry, type WsyardError } from '../../src/registry/index.js'
import { indexIdsOrNone } from '../support/index-file.js'
import { createTestHome, startProcess, type TestHome } from '../support/processes.js'

const isRoot = process.getuid?.() === 0
const anotherUser = 65_534

interface Opened extends AsyncDisposable {
  home: TestHome
  registry: Registry
  warnings: WsyardError[]
  /** The id that is always there, as this process registered it. */
  good: string
  file(id: string): string
}

async function open(): Promise<Opened> {
  const home = createTestHome()
  const warnings: WsyardError[] = []
  const registry = openRegistry({ home: home.path, onWarning: (warning) => warnings.push(warning) })
  home.onCleanUp(() => registry.close())
  const { id: good } = await registry.register(8080)
  return {
    home,
    registry,
    warnings,
    good,
    file: (id) => join(home.path, 'servers.d', `${id}.json`),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  }
}

/** What a valid file for an id would hold, of this very process. */
function validFile({ file, good }: Opened, id: string): string {
  return readFileSync(file(good), 'utf8').replace(`"${good}"`, `"${id}"`)
}

/** What stands in the place of an entry's file, and how it is refused. */
const badFiles: [what: string, code: ErrorCode, make: (test: Opened, path: string) => unknown][] = [
  [
    'that is a symbolic link',
    'WSYARD_ERR_FILE_REFUSED',
    (test, path) => {
      const elsewhere = join(test.home.path, '..', 'elsewhere.json')
      writeFileSync(elsewhere, validFile(test, 'bad'))
      symlinkSync(elsewhere, path)
    },
  ],
  ['that is a FIFO', 'WSYARD_ERR_FILE_REFUSED', (_test, path) => void execFileSync('mkfifo', [path])],
  ['that is a directory', 'WSYARD_ERR_FILE_REFUSED', (_test, path) => mkdirSync(path)],
  [
    'of more than 8 KiB',
    'WSYARD_ERR_FILE_REFUSED',
    (test, path) => writeFileSync(path, validFile(test, 'bad') + ' '.repeat(8192)),
  ],
  [
    'whose entry has another id',
    'WSYARD_ERR_ENTRY_CORRUPT',
    (test, path) => writeFileSync(path, validFile(test, 'other')),
  ],
  ['that is empty', 'WSYARD_ERR_ENTRY_CORRUPT', (_test, path) => writeFileSync(path, '')],
  [
    'that is torn',
    'WSYARD_ERR_ENTRY_CORRUPT',
    (test, path) => writeFileSync(path, validFile(test, 'bad').slice(0, 100)),
  ],
  [
    'whose meta has more than 4 KiB',
    'WSYARD_ERR_ENTRY_CORRUPT',
    (test, path) => {
      const meta = { text: 'x'.repeat(4100) }
      writeFileSync(path, JSON.stringify({ ...JSON.parse(validFile(test, 'bad')), meta }))
    },
  ],
  [
    'of another user',
    'WSYARD_ERR_FILE_REFUSED',
    (test, path) => {
      writeFileSync(path, validFile(test, 'bad'))
      chownSync(path, anotherUser, anotherUser)
    },
  ],
]

describe('a file in servers.d', () => {
  it.each(badFiles.filter(([what]) => isRoot || what !== 'of another user'))(
    '%s is skipped with %s naming it, and the others are served',
    async (_what, code, make) => {
      await using test = await open()
      make(test, test.file('bad'))
      expect(await test.registry.list()).toMatchObject([{ id: test.good }])
      expect(test.warnings).toMatchObject([{ code, message: expect.stringContaining(test.file('bad')) }])
      expect(lstatSync(test.file('bad'))).toBeTruthy()
    },
  )

  it('whose name is no id is nobody, and is left alone', async () => {
    await using test = await open()
    const names = ['notes.txt', '.hidden.json', 'two words.json', '-x.json', `${'x'.repeat(129)}.json`]
    for (const name of names) writeFileSync(join(test.home.path, 'servers.d', name), '{}')
    expect(await test.registry.list()).toMatchObject([{ id: test.good }])
    expect(test.warnings).toEqual([])
    for (const name of names) expect(existsSync(join(test.home.path, 'servers.d', name))).toBe(true)
  })
})

describe('servers.json', () => {
  it('that is a FIFO keeps nobody waiting: it is refused, and the truth stays', async () => {
    await using test = await open()
    renameSync(test.home.indexPath, `${test.home.indexPath}.old`)
    execFileSync('mkfifo', [test.home.indexPath])
    const { id } = await test.registry.register(8081)
    expect(existsSync(test.file(id))).toBe(true)
    expect(test.warnings).toMatchObject([{ code: 'WSYARD_ERR_FILE_REFUSED', path: test.home.indexPath }])
  })
})

describe('the directories', () => {
  it('and files are for their user alone, whatever the umask', async () => {
    await using home = createTestHome()
    const script = `
      import { openRegistry } from 'wsyard/registry'
      process.umask(0)
      const { id } = await openRegistry().register(8080)
      console.log('registered ' + id)
      setInterval(() => {}, 1000)`
    const args = ['--input-type=module', '-e', script]
    const server = home.own(startProcess(process.execPath, args, { env: { SHIPYARD_HOME: home.path } }))
    const [, id = ''] = await server.printed(/registered (.+)/)
    await expect.poll(() => indexIdsOrNone(home.indexPath)).toEqual([id])
    const modeOf = (path: string): number => statSync(path).mode & 0o777
    const entries = join(home.path, 'servers.d')
    expect([home.path, entries].map(modeOf)).toEqual([0o700, 0o700])
    expect([home.indexPath, join(entries, `${id}.json`)].map(modeOf)).toEqual([0o600, 0o600])
  })

  it.each([
    [0o777, 0o755, 0o700],
    [0o775, 0o755, 0o700],
    [0o755, 0o755, 0o700],
    [0o1777, 0o1777, 0o700],
  ])('that are there with mode %o lose what others may write', async (mode, homeMode, entriesMode) => {
    await using home = createTestHome()
    const entries = join(home.path, 'servers.d')
    mkdirSync(entries, { recursive: true })
    for (const path of [home.path, entries]) chmodSync(path, mode)
    await using registry = openRegistry({ home: home.path })
    await registry.register(8080)
    expect(statSync(home.path).mode & 0o7777).toBe(homeMode)
    expect(statSync(entries).mode & 0o777).toBe(entriesMode)
  })

  it('may be reached through a symbolic link of their user, but servers.d may be none', async () => {
    await using home = createTestHome()
    const real = join(home.path, '..', 'real')
    mkdirSync(join(real, 'elsewhere'), { recursive: true })
    symlinkSync(real, home.path)
    await using registry = openRegistry({ home: home.path })
    symlinkSync('elsewhere', join(home.path, 'servers.d'))
    await expect(registry.register(8080)).rejects.toMatchObject({
      code: 'WSYARD_ERR_FILE_REFUSED',
      path: join(home.path, 'servers.d'),
    })
    renameSync(join(home.path, 'servers.d'), join(home.path, 'link'))
    const { id } = await registry.register(8080)
    expect(await registry.list()).toMatchObject([{ id }])
  })

  it.runIf(isRoot)('of another user are refused by name, and nothing is written', async () => {
    await using home = createTestHome()
    mkdirSync(home.path)
    chownSync(home.path, anotherUser, anotherUser)
    await using registry = openRegistry({ home: home.path })
    await expect(registry.register(8080)).rejects.toMatchObject({
      code: 'WSYARD_ERR_FILE_REFUSED',
      message: expect.stringContaining(`${home.path}: it belongs to user ${anotherUser}`),
    })
    expect(existsSync(join(home.path, 'servers.d'))).toBe(false)
  })
})
