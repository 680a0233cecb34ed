import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { indexIds } from '../support/index-file.js'
import {
  createTestHome,
  listening,
  projectRoot,
  startEchoServer,
  startProcess,
} from '../support/processes.js'

describe('an entry is gone before its process is', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('when the echo server gets %s', async (signal) => {
    await using home = createTestHome()
    const server = home.own(await startEchoServer(home.path))
    const stays = home.own(await startEchoServer(home.path))
    let atExit: string[] | undefined
    server.child.once('exit', () => {
      atExit = [...readdirSync(join(home.path, 'servers.d')), ...indexIds(home.indexPath)]
    })
    expect(await server.stop(signal)).toBe(0)
    expect(atExit).toEqual([`${stays.id}.json`, stays.id])
  })

  it.each([
    ['nothing of its own handles SIGTERM', 'none', 'SIGTERM', 'SIGTERM'],
    ['nothing of its own handles SIGHUP', 'none', 'SIGHUP', 'SIGHUP'],
    ['two copies of wsyard are in it', 'copies', 'SIGTERM', 'SIGTERM'],
    ['its own handler exits', 'exits', 'SIGTERM', 7],
    ['its own handler, there once, exits later', 'once', 'SIGTERM', 8],
    ['it throws', 'throws', 'SIGUSR2', 1],
    ['it calls process.exit', 'exit', 'SIGUSR2', 3],
  ] as const)('when %s', async (_when, mode, signal, code) => {
    await using home = createTestHome()
    const script = join(projectRoot, 'test/support/host-program.js')
    const env = { SHIPYARD_HOME: home.path }
    const host = home.own(await listening(startProcess(process.execPath, [script, mode], { env })))
    expect(indexIds(home.indexPath)).toEqual([host.id])
    let atExit: string[] | undefined
    host.child.once('exit', () => {
      atExit = [...readdirSync(join(home.path, 'servers.d')), ...indexIds(home.indexPath)]
    })
    expect(await host.stop(signal)).toBe(code)
    expect(atExit).toEqual([])
  })

  it('and stays while a program handles the signal and lives on', async () => {
    await using home = createTestHome()
    const script = join(projectRoot, 'test/support/host-program.js')
    const env = { SHIPYARD_HOME: home.path }
    const host = home.own(await listening(startProcess(process.execPath, [script, 'lives'], { env })))
    host.child.kill('SIGHUP')
    await host.printed(/handled SIGHUP/)
    expect(existsSync(join(home.path, 'servers.d', `${host.id}.json`))).toBe(true)
    expect(indexIds(home.indexPath)).toEqual([host.id])
  })
})
