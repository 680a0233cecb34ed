/**
 * A directory in which this user may not write (EACCES, as another user than root, whom it would let by), and a file
 * system on which nobody may (EROFS).
 */
import { chmodSync, chownSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { expectToOutlive, mountSmallDisk, startSteadyServer } from '../../support/broken-disk.js'
import { indexIds } from '../../support/index-file.js'
import { createTestHome, projectRoot, type TestHome } from '../../support/processes.js'
import { startStepper } from '../../support/stepper.js'
import { needRoot, needSuccess, needTool, type Skippable } from '../../support/tools.js'

/** Debian's `nobody`; any id that is not root would do. */
const otherUser = 65_534
const asOtherUser = ['setpriv', `--reuid=${otherUser}`, `--regid=${otherUser}`, '--clear-groups']

describe.concurrent('a directory that may not be written (EACCES, row 3)', { timeout: 120_000 }, () => {
  it('makes register throw a typed error, changes no file, and is no matter once it may be', async (context) => {
    needOtherUser(context)
    await using home = createHomeOfOtherUser()
    const server = await startSteadyServer(home, asOtherUser)
    const writer = await startStepper({ home: home.path, id: 'writer', wrapper: asOtherUser })
    home.onCleanUp(writer.kill)
    setMode(home, 0o500)
    const before = readFileSync(home.indexPath, 'utf8')
    for (const _ of ['once', 'again']) {
      const answer = await writer.run('register')
      expect(answer).toMatch(/^failed WSYARD_ERR_REGISTRY_UNWRITABLE: Cannot write .*EACCES/)
      expect(answer).toContain('Make its directory writable')
    }
    expect(readFileSync(home.indexPath, 'utf8')).toBe(before)
    setMode(home, 0o700)
    expect(await writer.run('register')).toMatch(/^registered/)
    expect(indexIds(home.indexPath)).toEqual([server.id, 'writer'].sort())
  })

  it('makes deregister throw a typed error, and the entry is gone once it may be and the process ends', async (context) => {
    needOtherUser(context)
    await using home = createHomeOfOtherUser()
    const server = await startSteadyServer(home, asOtherUser)
    const writer = await startStepper({ home: home.path, id: 'writer', wrapper: asOtherUser })
    home.onCleanUp(writer.kill)
    expect(await writer.run('register')).toMatch(/^registered/)
    setMode(home, 0o500)
    expect(await writer.run('deregister')).toMatch(/^failed WSYARD_ERR_REGISTRY_UNWRITABLE: Cannot remove /)
    expect(indexIds(home.indexPath)).toEqual([server.id, 'writer'].sort())
    setMode(home, 0o700)
    await writer.run('exit')
    expect(await writer.ended).toBe(0)
    expect(indexIds(home.indexPath)).toEqual([server.id])
  })

  it('does not stop a server that has registered, which is in the registry again within 10 s of its end', async (context) => {
    needOtherUser(context)
    await using home = createHomeOfOtherUser()
    const server = await startSteadyServer(home, asOtherUser)
    await expectToOutlive(home, server, {
      begin: () => setMode(home, 0o500),
      end: () => setMode(home, 0o700),
    })
  })
})

describe.concurrent('a read-only file system (EROFS, row 3)', { timeout: 120_000 }, () => {
  it('is named as the reason where nothing has been registered yet', async (context) => {
    needRoot(context)
    await using home = createTestHome()
    mountSmallDisk(home).remount('ro')
    const writer = await startStepper({ home: home.path, id: 'writer' })
    home.onCleanUp(writer.kill)
    expect(await writer.run('register')).toMatch(
      /^failed WSYARD_ERR_REGISTRY_UNWRITABLE: Cannot write .*servers\.d: EROFS/,
    )
  })

  it('makes register throw a typed error, changes no file, and is no matter once it is writable', async (context) => {
    needRoot(context)
    await using home = createTestHome()
    const disk = mountSmallDisk(home)
    const server = await startSteadyServer(home)
    const writer = await startStepper({ home: home.path, id: 'writer' })
    home.onCleanUp(writer.kill)
    disk.remount('ro')
    const before = readFileSync(home.indexPath, 'utf8')
    expect(await writer.run('register')).toMatch(
      /^failed WSYARD_ERR_REGISTRY_UNWRITABLE: Cannot write .*EROFS/,
    )
    expect(readFileSync(home.indexPath, 'utf8')).toBe(before)
    disk.remount('rw')
    expect(await writer.run('register')).toMatch(/^registered/)
    expect(indexIds(home.indexPath)).toEqual([server.id, 'writer'].sort())
  })

  it('does not stop a server that has registered, which is in the registry again within 10 s of its end', async (context) => {
    needRoot(context)
    await using home = createTestHome()
    const disk = mountSmallDisk(home)
    const server = await startSteadyServer(home)
    await expectToOutlive(home, server, { begin: () => disk.remount('ro'), end: () => disk.remount('rw') })
  })
})

/** Skips unless processes of another user can be started, and can read Node and this project. */
function needOtherUser(context: Skippable): void {
  needRoot(context)
  needTool(context, 'setpriv', 'util-linux')
  const [command = '', ...args] = asOtherUser
  const url = pathToFileURL(join(projectRoot, 'dist/server/index.js')).href
  const load = [process.execPath, '--input-type=module', '-e', `await import(${JSON.stringify(url)})`]
  needSuccess(context, command, [...args, ...load], 'another user cannot read Node or this project')
}

function createHomeOfOtherUser(): TestHome {
  const home = createTestHome()
  chownSync(dirname(home.path), otherUser, otherUser)
  return home
}

function setMode(home: TestHome, mode: number): void {
  for (const path of [home.path, join(home.path, 'servers.d')]) chmodSync(path, mode)
}
