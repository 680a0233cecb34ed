/** The page beside `wsyard hub`, asked for in ways that no browser has: the hub, and what it relays, goes on. */
import { once } from 'node:events'
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTestHome, projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { rawRequest } from '../support/raw-request.js'

/** Where a link leads; '' for one that is gone by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

async function startHub(home: TestHome) {
  const directory = join(home.path, '..', 'page')
  mkdirSync(directory)
  writeFileSync(join(directory, 'index.html'), '0123456789')
  const command = [join(projectRoot, 'dist/bin/wsyard.js'), 'hub', directory, '--port', '0']
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  const hub = home.own(startProcess(process.execPath, command, { env }))
  const [, port = ''] = await hub.printed(/127\.0\.0\.1:(\d+)/)
  const ask = (path: string, headers: [string, string][] = []) =>
    rawRequest({ port: Number(port), path, headers: [['Host', 'localhost'], ...headers] })
  return { hub, directory, port: Number(port), ask }
}

describe('the page beside a hub', () => {
  it('is sent in pieces to who asks for one, and whole for ranges that are none', async () => {
    await using home = createTestHome()
    const { ask } = await startHub(home)
    for (const [range, status, body] of [
      ['bytes=2-4', 206, '234'],
      ['bytes=7-', 206, '789'],
      ['bytes=99-', 416, ''],
      ['bytes=5-2', 200, '0123456789'],
      ['bytes=0-18446744073709551615', 200, '0123456789'],
      ['bytes=99999999999999999999-', 200, '0123456789'],
      ['bytes=-3', 200, '0123456789'],
      ['bytes=0-1,3-4', 200, '0123456789'],
      ['bytes=x-y', 200, '0123456789'],
      ['', 200, '0123456789'],
      ['\u00ff', 200, '0123456789'],
    ] as const)
      expect([range, await ask('/', [['Range', range]])]).toMatchObject([range, { status, body }])
  })

  it('may have files that cannot be read when it comes to that', async () => {
    await using home = createTestHome()
    const { hub, directory, ask } = await startHub(home)
    // A socket is found like any file, and cannot be opened: so it is with a file that is replaced at that moment.
    const unreadable = createServer().listen(join(directory, 'app.js'))
    home.onCleanUp(() => unreadable.close())
    for (const headers of [[], [['Range', 'bytes=0-']]] as [string, string][][]) await ask('/app.js', headers)
    expect(await ask('/')).toMatchObject({ status: 200, body: '0123456789' })
    expect(hub.child.exitCode).toBeNull()
  })

  it.skipIf(process.platform !== 'linux')('keeps no file open for who goes away half-way', async () => {
    await using home = createTestHome()
    const { hub, directory, port, ask } = await startHub(home)
    writeFileSync(join(directory, 'film.bin'), Buffer.alloc(16 * 2 ** 20))
    for (let times = 0; times < 20; times += 1) {
      const socket = connect(port, '127.0.0.1')
      socket.write('GET /film.bin HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await once(socket, 'data')
      socket.destroy()
    }
    const open = () => {
      const files = `/proc/${hub.child.pid}/fd`
      return readdirSync(files).filter((file) => linkOf(join(files, file)).endsWith('film.bin'))
    }
    await expect.poll(open).toEqual([])
    expect(await ask('/')).toMatchObject({ status: 200 })
  })
})
