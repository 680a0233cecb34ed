import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { indexIds } from '../support/index-file.js'
import {
  createTestHome,
  type EchoServer,
  listening,
  projectRoot,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'

describe('an entry is gone before its process is (row 23)', () => {
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
    ['nothing of its own handles SIGINT', 'none', 'SIGINT', 'SIGINT'],
    ['two copies of wsyard are in it', 'copies', 'SIGTERM', 'SIGTERM'],
    ['its own handler exits', 'exits', 'SIGTERM', 7],
    ['its own handler, there once, exits later', 'once', 'SIGTERM', 8],
    ['it throws', 'throws', 'SIGUSR2', 1],
    ['its own handler of uncaughtException exits', 'catches, exits', 'SIGUSR2', 10],
    ['nobody handles a rejection', 'rejects', 'SIGUSR2', 1],
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

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('when %s comes twice in a row', async (signal) => {
    await using home = createTestHome()
    const server = home.own(await startEchoServer(home.path))
    const host = home.own(await startHost(home, 'none'))
    const left: Record<string, string[]> = {}
    for (const { child, id } of [server, host]) child.once('exit', () => (left[id] = idsLeft(home)))
    for (const { child } of [server, host]) {
      child.kill(signal)
      child.kill(signal)
    }
    expect([0, signal]).toContain(await server.ended)
    expect(await host.ended).toBe(signal)
    for (const { id } of [server, host]) expect(left[id]).not.toContain(id)
    expect(idsLeft(home)).toEqual([])
  })

  it('at the second SIGINT of a program that asks to be told twice, and not before', async () => {
    await using home = createTestHome()
    const host = home.own(await startHost(home, 'asks twice'))
    host.child.kill('SIGINT')
    await host.printed(/handled SIGINT/)
    expect(idsLeft(home)).toEqual([`${host.id}.json`, host.id])
    let atExit: string[] | undefined
    host.child.once('exit', () => {
      atExit = idsLeft(home)
    })
    expect(await host.stop('SIGINT')).toBe(9)
    expect(atExit).toEqual([])
  })

  it('and SIGTERM ends a program that is just closing its last registration', async () => {
    await using home = createTestHome()
    const host = home.own(await startHost(home, 'closes'))
    expect(await host.stop('SIGUSR2')).toBe('SIGTERM')
    expect(idsLeft(home)).toEqual([])
  })

  it.each([
    ['an exception', 'catches', /handled uncaughtException/],
    ['a rejection', 'catches rejections', /handled unhandledRejection/],
  ] as const)('and stays while a program handles %s itself and lives on', async (_what, mode, handled) => {
    await using home = createTestHome()
    const host = home.own(await startHost(home, mode))
    host.child.kill('SIGUSR2')
    await host.printed(handled)
    expect(idsLeft(home)).toEqual([`${host.id}.json`, host.id])
    expect(await host.stop('SIGTERM')).toBe('SIGTERM')
    expect(idsLeft(home)).toEqual([])
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

function startHost(home: TestHome, mode: string): Promise<EchoServer> {
  const script = join(projectRoot, 'test/support/host-program.js')
  return listening(startProcess(process.execPath, [script, mode], { env: { SHIPYARD_HOME: home.path } }))
}

/** The names in `servers.d`, then the ids in the index. */
function idsLeft(home: TestHome): string[] {
  return [...readdirSync(join(home.path, 'servers.d')), ...indexIds(home.indexPath)]
}
