/** Users and environments without a usable home directory (row 21 of the fault list). */
import { mkdirSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  createTestHome,
  echoServer,
  listening,
  projectRoot,
  startProcess,
  type TestHome,
} from '../../support/processes.js'
import { giveTo, needUsers, nobody, stranger } from '../../support/users.js'

const command = join(projectRoot, 'dist/bin/wsyard.js')

/** What a program of the project does in an empty working directory, with these variables set or unset. */
function startIn(
  home: TestHome,
  script: string,
  variables: readonly string[],
  prefix: readonly string[] = [],
) {
  const [program = '', ...args] = [
    ...prefix,
    'env',
    '-u',
    'SHIPYARD_HOME',
    ...variables,
    process.execPath,
    script,
  ]
  return home.own(startProcess(program, args, { cwd: workingDirectory(home) }))
}

function workingDirectory(home: TestHome): string {
  const directory = join(dirname(home.path), 'working-directory')
  mkdirSync(directory, { recursive: true, mode: 0o777 })
  return directory
}

describe.each([
  ['the command', command],
  ['a server', echoServer],
])('%s', (_what, script) => {
  it.each([
    ['HOME is empty', 'HOME=', 'HOME is empty'],
    ['HOME is relative', 'HOME=some/where', 'HOME is the relative path "some/where"'],
    ['HOME is the working directory', 'HOME=.', 'HOME is the relative path "."'],
    ['SHIPYARD_HOME is empty', 'SHIPYARD_HOME=', 'SHIPYARD_HOME is empty'],
    ['SHIPYARD_HOME is relative', 'SHIPYARD_HOME=yard', 'SHIPYARD_HOME is the relative path "yard"'],
  ])('ends with a clear error, and writes nothing, when %s (row 21)', async (_when, variable, message) => {
    await using home = createTestHome()
    const running = startIn(home, script, [variable])
    expect(await running.ended).toBe(1)
    expect(running.output()).toContain(message)
    expect(running.output()).toMatch(/Set it.* to an absolute path/)
    expect(running.output()).not.toMatch(/^\s+at /m)
    expect(readdirSync(workingDirectory(home))).toEqual([])
  })

  it('ends with a clear error when HOME is unset and the user has no passwd entry (row 21)', async (context) => {
    needUsers(context)
    await using home = createTestHome()
    giveTo(home, stranger)
    const running = startIn(home, script, ['-u', 'HOME'], stranger.prefix)
    expect(await running.ended).toBe(1)
    expect(running.output()).toContain(
      'This user has no home directory. Set SHIPYARD_HOME to an absolute path.',
    )
    expect(readdirSync(workingDirectory(home))).toEqual([])
  })
})

it('the command looks in the home of the passwd entry when HOME is unset (row 21)', async () => {
  await using home = createTestHome()
  const program = ['-e', `import('wsyard/registry').then((registry) => console.log(registry.shipyardHome()))`]
  const running = startProcess('env', ['-u', 'SHIPYARD_HOME', '-u', 'HOME', process.execPath, ...program])
  expect(await home.own(running).ended).toBe(0)
  const passwdHome = homeOfPasswd()
  expect(running.output()).toBe(`${join(passwdHome, '.shipyard')}\n`)
})

it('a server whose home directory cannot be made says so, and writes nothing elsewhere (row 21)', async (context) => {
  needUsers(context)
  await using home = createTestHome()
  giveTo(home, nobody)
  const running = startIn(home, echoServer, ['-u', 'HOME'], nobody.prefix)
  expect(await running.ended).toBe(1)
  expect(running.output()).toMatch(/Cannot write \/.*\.shipyard: .*SHIPYARD_HOME/)
  expect(readdirSync(workingDirectory(home))).toEqual([])
})

it('a user without a passwd entry registers in the HOME that is set (row 21)', async (context) => {
  needUsers(context)
  await using home = createTestHome()
  giveTo(home, stranger)
  const running = startIn(home, echoServer, [`HOME=${dirname(home.path)}`], stranger.prefix)
  const { id } = await listening(running)
  expect(readdirSync(join(home.path, 'servers.d'))).toEqual([`${id}.json`])
  expect(readdirSync(workingDirectory(home))).toEqual([])
})

function homeOfPasswd(): string {
  const before = process.env.HOME
  delete process.env.HOME
  try {
    return homedir()
  } finally {
    if (before !== undefined) process.env.HOME = before
  }
}
