/** `wsyard run`: real commands of many kinds, and which entries they have. How they end is in `run-command-ends.test.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { wsyard } from '../support/command.js'
import { isLong } from '../support/length.js'
import { echoServer, projectRoot, spikeServer } from '../support/processes.js'
import {
  child,
  childLine,
  childrenOf,
  eachWithStage,
  hasEnded,
  isRunning,
  nodeServer,
} from '../support/run-stage.js'

/** Other systems have no /proc, by which the tests see who runs; and what is found there later is the platform's. */
const onLinux = describe.runIf(process.platform === 'linux')

const stage = eachWithStage()
const { start, startAlone, entriesAt } = stage

onLinux('registers what', () => {
  it('takes the port that it was given, with all that is said of it, until it is told to end', async () => {
    const command = child('take')
    const options = ['--name', 'worker-a', '--meta', 'team=blue', '--meta', 'x=a=b', '--path', '/ws?v=1']
    const run = start([...options, '--owner', String(process.pid)], command)
    const server = await run.did('listening')
    const [entry] = await entriesAt([server.port])
    expect(entry).toMatchObject({
      name: 'worker-a',
      host: '127.0.0.1',
      pid: server.pid,
      path: '/ws?v=1',
      auth: 'open',
      meta: { team: 'blue', x: 'a=b' },
      owner: { pid: process.pid },
      scope: { directory: projectRoot.replace(/\/$/, '') },
    })
    await run.did('asked /ws\\?v=1')
    await run.did('heard 888000000000') // that it was closed, and not just gone
    const alone = startAlone(command)
    await alone.did('listening')
    const children = childrenOf(run.pid)
    expect(await run.stop('SIGTERM')).toBe(await alone.stop('SIGTERM'))
    expect(await stage.registry.list()).toEqual([])
    expect(children).toContain(server.pid)
    expect(children.filter(isRunning)).toEqual([])
  })

  it('picks its own port, at all addresses, at ::1 alone, or at all addresses of both kinds', async () => {
    const run = start([], child())
    for (const [nth, host] of ['0.0.0.0', '::1', '::'].entries()) {
      run.tell(`listen ${host}`)
      const { port, pid } = await run.did('listening', nth)
      const [entry] = await entriesAt([port])
      expect(entry).toMatchObject({ host, pid })
      expect(entry).not.toHaveProperty('name')
      expect(entry).not.toHaveProperty('path')
      run.tell(`close ${port}`)
      await entriesAt([])
    }
  })

  it('listens late, twice, and elsewhere later', async () => {
    const run = start(['--name', 'twice'], child())
    await run.did('started')
    run.tell('listen')
    const first = await run.did('listening')
    await entriesAt([first.port])
    run.tell('listen')
    const second = await run.did('listening', 1)
    const both = await entriesAt([first.port, second.port])
    expect(both.map(({ name }) => name)).toEqual(['twice', 'twice'])
    run.tell(`close ${first.port}`)
    await entriesAt([second.port])
    run.tell('listen')
    const third = await run.did('listening', 2)
    await entriesAt([second.port, third.port])
    await run.printed(new RegExp(`as nothing of the command listens at port ${first.port} any more`))
  })

  it('runs in a shell', async () => {
    const run = start([], ['sh', '-c', `${childLine('take')}; exit 5`])
    const { port, pid } = await run.did('listening')
    expect(await entriesAt([port])).toMatchObject([{ pid }])
    expect(pid).not.toBe(Number((await run.printed(/started process (\d+)/))[1]))
    run.child.stdin?.end()
    expect(await run.ended).toBe(5)
    expect(await stage.registry.list()).toEqual([])
  })

  it('runs in npm, as a process below one below it', async () => {
    const directory = join(stage.home.path, '..', 'project')
    mkdirSync(directory)
    const scripts = { dev: `node ${JSON.stringify(nodeServer)}` }
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true, scripts }))
    const env = { npm_config_update_notifier: 'false', npm_config_cache: join(directory, 'cache') }
    const run = start(['--name', 'web'], ['npm', '--prefix', directory, 'run', 'dev'], env)
    const { port, pid } = await run.did('listening')
    expect(await entriesAt([port])).toMatchObject([{ pid, name: 'web', scope: { directory } }])
    await run.stop('SIGTERM')
    expect(await stage.registry.list()).toEqual([])
    await hasEnded(pid)
  })

  it('forks, and ends while the new process has its port', async () => {
    const run = start([], ['sh', '-c', `${childLine('listen', 'fork', 'wait')}; ${childLine()}`])
    const { port, pid } = await run.did('listening')
    const forked = await run.did('forked')
    expect(forked.pid).not.toBe(pid)
    await expect
      .poll(async () => (await stage.registry.list()).map((entry) => [entry.port, entry.pid]))
      .toEqual([[port, forked.pid]])
    await hasEnded(pid)
  })

  it('shares its port among the processes of a cluster, once for all of them', async () => {
    const run = start([], [process.execPath, nodeServer, '--workers', '2'])
    const { port } = await run.did('listening')
    await run.did('listening', 1)
    await run.printed(/registered/)
    expect(await entriesAt([port])).toHaveLength(1)
    await run.stop('SIGTERM')
    expect(run.err().match(/: registered/g)).toHaveLength(1)
  })

  it('was handed its socket by a process outside', async () => {
    const path = join(stage.home.path, '..', 'door')
    const giver = startAlone(child('listen', `give ${path}`))
    const { port } = await giver.did('listening')
    await giver.did('giving')
    const run = start([], child(`receive ${path}`))
    const { pid } = await run.did('received')
    expect(await entriesAt([port])).toMatchObject([{ pid }])
  })
})

onLinux('does not register', () => {
  it.each([
    ['plain', 'answers with 404 Not Found\\. Is it another --path'],
    ...(isLong
      ? [
          ['asks', 'answers with 401 Unauthorized\\. If it asks .* "wsyard register --port'],
          ['odd', 'answers with 101, but not to this handshake\\. Is it another --path'],
          ['deaf', 'has not answered within 5 s\\. Is it another --protocol'],
        ]
      : []),
  ])(
    'what is no WebSocket server (%s), says so once, and registers it when it has become one',
    async (manner, reason) => {
      const run = start(['--protocol', 'chat'], child(manner, 'take'))
      const { port } = await run.did('listening')
      await run.printed(new RegExp(`port ${port} is not registered, as it ${reason}`))
      expect(await stage.registry.list()).toEqual([])
      run.tell('accept')
      await entriesAt([port])
      expect(run.err().match(/is not registered/g)).toHaveLength(1)
    },
  )

  it.each([
    ['wsyard', [process.execPath, echoServer, '--name', 'own'], 'own'],
    ...(isLong ? [['the format of the spike', [process.execPath, spikeServer], undefined] as const] : []),
  ] as const)('what registers itself by %s', async (_by, command, name) => {
    const run = start(['--name', 'lost'], command)
    const [, id = '', port = ''] = await run.printed(
      /^\[([^\]]+)\] WebSocket server listening on port (\d+)$/m,
    )
    await run.printed(new RegExp(`port ${port} has registered itself as ${id}, .*--name has no effect on it`))
    const entries = await entriesAt([Number(port)])
    expect(entries).toMatchObject([{ id }])
    expect(entries[0]?.name).toBe(name)
    const alone = startAlone(command, { SHIPYARD_HOME: stage.home.path })
    await alone.printed(/listening/)
    expect(await run.stop('SIGTERM')).toBe(await alone.stop('SIGTERM'))
    expect(await stage.registry.list()).toEqual([])
  })

  it('for longer than two seconds what registers itself when it has been registered', async () => {
    const run = start(['--name', 'lost'], [process.execPath, nodeServer, '--register-late'])
    await run.printed(/has registered itself/)
    await expect.poll(async () => (await stage.registry.list()).map(({ name }) => name)).toEqual(['late'])
    expect(await run.stop('SIGTERM')).toBe(0)
  })

  it('twice what runs in another wsyard run', async () => {
    const inner = [process.execPath, wsyard, 'run', '--name', 'inner', '--', ...child('take')]
    const run = start(['--name', 'outer'], inner)
    const { port } = await run.did('listening')
    await run.printed(/has registered itself/)
    expect(await entriesAt([port])).toHaveLength(1)
    run.child.stdin?.end()
    expect(await run.ended).toBe(0)
  })
})

onLinux('a registry that cannot be written', () => {
  it('does not keep the command from running, and is told', async () => {
    const file = join(stage.home.path, '..', 'file')
    writeFileSync(file, '')
    const run = start([], child('take'), { SHIPYARD_HOME: file })
    await run.printed(/is not registered, as it cannot be registered: /)
    run.tell('exit 6')
    expect(await run.ended).toBe(6)
  })
})
