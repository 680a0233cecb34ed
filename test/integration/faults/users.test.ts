/** Two users of one machine (row 20 of the fault list). */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addLines, hubHasLookedTwice, refusingPort } from '../../support/foreign-lines.js'
import { readIndex } from '../../support/index-file.js'
import { createTestHome, listening, startEchoServer, type TestHome } from '../../support/processes.js'
import { listIn, startNode, startObserver } from '../../support/surroundings.js'
import { giveTo, maskingNothing, needUsers, nobody, stranger, type User } from '../../support/users.js'

const echo = 'examples/echo/server.js'

const isReadable = (path: string, { prefix }: User): boolean => {
  const [command = '', ...args] = prefix
  const [reader, option] = statSync(path).isDirectory() ? ['ls', '-A'] : ['cat', '--']
  return spawnSync(command, [...args, reader ?? '', option ?? '', path]).status === 0
}

/** The path of everything in the home, the home included, with its mode. */
function modes(home: TestHome): Record<string, string> {
  const names = ['', ...readdirSync(home.path, { recursive: true, encoding: 'utf8' })]
  return Object.fromEntries(
    names.map((name) => [name, (statSync(join(home.path, name)).mode & 0o7777).toString(8)]),
  )
}

describe('the files of one user', () => {
  it('are closed to others, whatever the mask of who makes them (row 20)', async (context) => {
    needUsers(context)
    await using home = createTestHome()
    giveTo(home, nobody)
    const surroundings = { prefix: maskingNothing(nobody.prefix) }
    const { id } = home.own(await listening(startNode(home, echo, [], surroundings)))
    const observer = await startObserver(home, surroundings)
    await expect.poll(observer.ids).toEqual([id])
    const expected = { '': '700', 'servers.d': '700', 'servers.json': '600', [`servers.d/${id}.json`]: '600' }
    await expect.poll(() => modes(home)).toEqual(expected)
    for (const name of Object.keys(expected)) {
      expect(isReadable(join(home.path, name), nobody), name).toBe(true)
      expect(isReadable(join(home.path, name), stranger), name).toBe(false)
    }
    expect(await listIn(home, { prefix: stranger.prefix })).toMatch(
      /WSYARD_ERR_(FILE_REFUSED|REGISTRY_UNREADABLE)/,
    )
  })

  it('are closed to others in a home that something else made open to all (row 20)', async (context) => {
    needUsers(context)
    await using home = createTestHome()
    giveTo(home, nobody)
    mkdirSync(home.path)
    chownSync(home.path, nobody.uid, nobody.uid)
    chmodSync(home.path, 0o755)
    const surroundings = { prefix: maskingNothing(nobody.prefix) }
    const { id } = home.own(await listening(startNode(home, echo, [], surroundings)))
    const file = join(home.path, 'servers.d', `${id}.json`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    for (const path of [file, home.indexPath, join(home.path, 'servers.d')]) {
      expect(isReadable(path, nobody), path).toBe(true)
      expect(isReadable(path, stranger), path).toBe(false)
    }
  })
})

describe('a home of another user, open to all', () => {
  const openHome = async (home: TestHome) => {
    giveTo(home, nobody)
    const server = home.own(await listening(startNode(home, echo, [], { prefix: nobody.prefix })))
    const paths = ['', 'servers.d', 'servers.json', `servers.d/${server.id}.json`]
    for (const path of paths) chmodSync(join(home.path, path), 0o777)
    return server
  }

  it('is refused when a server would register there, and nothing is written (row 20)', async (context) => {
    needUsers(context)
    await using home = createTestHome()
    const theirs = await openHome(home)
    const before = readdirSync(home.path, { recursive: true }).sort()
    const refused = home.own(startNode(home, echo, [], { prefix: stranger.prefix }))
    expect(await refused.ended).toBe(1)
    expect(refused.output()).toContain(`Will not read ${home.path}: it belongs to user ${nobody.uid}`)
    expect(readdirSync(home.path, { recursive: true }).sort()).toEqual(before)
    expect(readIndex(home.indexPath)).toMatchObject([{ id: theirs.id }])
  })

  it('is not believed by a list or a hub, and is not changed by them (row 20)', async (context) => {
    needUsers(context)
    await using home = createTestHome()
    await openHome(home)
    const before = readdirSync(home.path, { recursive: true }).sort()
    const surroundings = { prefix: stranger.prefix }
    expect(await listIn(home, surroundings)).toContain('WSYARD_ERR_FILE_REFUSED')
    const observer = await startObserver(home, surroundings)
    await expect.poll(() => observer.complaints().join('\n')).toContain('WSYARD_ERR_FILE_REFUSED')
    expect(observer.ids()).toEqual([])
    expect(readdirSync(home.path, { recursive: true }).sort()).toEqual(before)
  })
})

it('a process that may not be signalled is alive to a hub of another user (row 20)', async (context) => {
  needUsers(context)
  await using home = createTestHome()
  await using rootsHome = createTestHome()
  giveTo(home, nobody)
  const surroundings = { prefix: nobody.prefix }
  const observer = await startObserver(home, surroundings)
  const roots = rootsHome.own(await startEchoServer(rootsHome.path))

  // As a program would leave it that registers and then changes its user.
  const [from, to] = [rootsHome, home].map(({ path }) => join(path, 'servers.d', `${roots.id}.json`))
  copyFileSync(from ?? '', `${to}.new`)
  chownSync(`${to}.new`, nobody.uid, nobody.uid)
  spawnSync('mv', [`${to}.new`, to ?? ''])
  await expect.poll(observer.ids).toEqual([roots.id])
  await expect.poll(() => readIndex(home.indexPath).map(({ id }) => id)).toEqual([roots.id])
  addLines(home.indexPath, [{ id: 'foreign', pid: roots.pid, port: await refusingPort() }])
  const ids = ['foreign', roots.id].sort()
  await expect.poll(observer.ids).toEqual(ids)
  await hubHasLookedTwice(home.indexPath)
  expect(observer.ids()).toEqual(ids)
  expect(observer.replay().removed.filter(({ id }) => ids.includes(id))).toEqual([])
  expect(await listIn(home, surroundings)).toEqual(ids)

  await roots.stop('SIGKILL')
  await expect.poll(observer.ids).toEqual([])
})
