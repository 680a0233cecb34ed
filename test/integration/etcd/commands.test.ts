/** The commands over a registry in etcd, which `--registry` or the environment names. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRegistry } from '../../../src/registry/index.js'
import { runCommand, startCommand } from '../../support/command.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { createTestHome, startProcess, type TestHome } from '../../support/processes.js'

describe.skipIf(!hasEtcd())('the command with a registry in etcd', () => {
  let cluster: EtcdCluster
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  async function register(home: TestHome, url: string, options: object) {
    const registry = openRegistry({ registry: url })
    home.onCleanUp(() => registry.close())
    return registry.register({ port: 8080, ...options })
  }

  it('lists by --registry, by the environment, and by either what both registries have', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    await register(home, url, { name: 'in-etcd' })
    await register(home, `file://${home.path}`, { name: 'on-disk' })
    const names = async (args: string[], registry = '') => {
      const { out } = await runCommand(home, ['ls', '--json', ...args], {
        env: { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: registry },
      })
      return JSON.parse(out).servers.map(({ name }: { name: string }) => name)
    }
    expect(await names(['--registry', url])).toEqual(['in-etcd'])
    expect(await names([], url)).toEqual(['in-etcd'])
    expect(await names([])).toEqual(['on-disk'])
    expect(await names([], `file: ${url}`)).toEqual(['in-etcd', 'on-disk'])
    expect(await names(['--registry', 'file:', '--registry', url])).toEqual(['in-etcd', 'on-disk'])
    expect(await names(['--registry', 'file:'], url)).toEqual(['on-disk'])
  })

  it('refuses a --registry that is none with exit code 2, and shows no password', async () => {
    await using home = createTestHome()
    const { code, err } = await runCommand(home, ['ls', '--registry', 'etcd://ann:hush@host/?nonsense=1'])
    expect(code).toBe(2)
    expect(err).toContain('unknown option "nonsense"')
    expect(err).not.toContain('hush')
  })

  it('says which etcd does not answer', async () => {
    await using home = createTestHome()
    const { code, err } = await runCommand(home, ['ls', '--registry', 'etcd://127.0.0.1:1/x'])
    expect(code).toBe(1)
    expect(err).toMatch(/http:\/\/127\.0\.0\.1:1.*ECONNREFUSED.*\[WSYARD_ERR_REGISTRY_UNREADABLE\]/)
  })

  it('registers by hand what stays when the command has ended, until its process has', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl({ query: 'ttl=2' })
    const program = `require('net').createServer().listen(0, '127.0.0.1', function () { console.log('port ' + this.address().port) })`
    const stranger = home.own(startProcess(process.execPath, ['-e', program]))
    const [, port = ''] = await stranger.printed(/port (\d+)/)
    const registered = await runCommand(home, [
      'register',
      '--registry',
      url,
      '--port',
      port,
      '--name',
      'api',
    ])
    expect(registered).toMatchObject({ code: 0, out: expect.stringContaining('Registered api') })

    const [entry] = await listed(url)
    const { kvs } = await cluster.call('/v3/kv/range', rangeOf(url, String(entry?.id)))
    const [{ lease }] = kvs as [{ lease: string }]
    const { grantedTTL } = await cluster.call('/v3/lease/timetolive', { ID: lease })
    expect(Number(grantedTTL)).toBe(86_400)

    const watch = startCommand(home, ['watch', '--registry', url, '--json'])
    await expect.poll(() => watch.printedOut()).toContain('"api"')
    await stranger.stop('SIGKILL')
    await expect.poll(() => watch.printedOut()).toContain('"exited"')
    expect(await listed(url)).toEqual([])
  })

  it.each(['SIGTERM', 'SIGINT', 'throw', 'exit'])(
    'sees a server gone as soon as it has ended by %s, and that it has deregistered',
    async (how) => {
      await using home = createTestHome()
      const url = cluster.registryUrl()
      const isSignal = how.startsWith('SIG')
      const server = home.own(
        startProcess(
          process.execPath,
          ['test/support/etcd-server.js', isSignal ? 'stay' : how, 'a', '4000'],
          {
            env: { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: url },
          },
        ),
      )
      await server.printed(/registered/)
      if (isSignal) server.child.kill(how as NodeJS.Signals)
      await server.ended
      expect(await listed(url)).toEqual([])
      const { out } = await runCommand(home, ['ls', '--all', '--json', '--registry', url])
      expect(JSON.parse(out).removed).toMatchObject([{ reason: 'deregistered', port: 4000 }])
    },
  )

  it('runs a command whose servers are in etcd, as what it runs inherits where the registry is', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const running = startCommand(home, [
      'run',
      '--registry',
      url,
      '--',
      process.execPath,
      '-e',
      'console.log(process.env.WSYARD_REGISTRY); setInterval(() => {}, 1000)',
    ])
    await expect.poll(() => running.printedOut()).toContain(url)
    running.child.kill('SIGTERM')
    await running.ended
  })

  it('examines by doctor whether etcd answers, and which servers are out of reach', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const doctor = async (registry: string, networks = '') => {
      const { out } = await runCommand(home, ['doctor'], {
        env: { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: registry, WSYARD_NETWORKS: networks },
      })
      return out
    }
    expect(await doctor(url)).toContain('✓ The etcd that WSYARD_REGISTRY names answers')
    expect(await doctor('')).not.toContain('etcd')
    expect(await doctor('etcd://127.0.0.1:1')).toMatch(/✗ Cannot read the registry in etcd/)
    const value = (id: string, fields: object) =>
      JSON.stringify({
        id,
        port: 1,
        pid: 1,
        startedAt: '2026-01-01T00:00:00Z',
        instance: '0'.repeat(32),
        machine: 'away.0',
        ...fields,
      })
    await put(url, 'near', value('near', { advertise: '10.9.0.5:1' }))
    await put(url, 'far', value('far', { hostname: 'build-01' }))
    await put(url, 'locked', value('locked', { advertise: '10.9.0.5:1', auth: 'token' }))
    const found = await doctor(url)
    expect(found).toContain('WSYARD_NETWORKS=10.9.0.5/32')
    expect(found).toMatch(/give no address for others: "far"/)
    expect(found).toMatch(/ask for a token that cannot be read here: "locked"/)
    expect(await doctor(url, '10.9.0.0/16')).not.toContain('no network')
  })

  async function listed(url: string) {
    await using registry = openRegistry({ registry: url })
    return await registry.list()
  }

  function rangeOf(url: string, id: string) {
    return {
      key: Buffer.from(`${new URL(url.replace('etcd:', 'http:')).pathname.slice(1)}/servers/${id}`).toString(
        'base64',
      ),
    }
  }

  async function put(url: string, id: string, value: string) {
    await cluster.call('/v3/kv/put', { ...rangeOf(url, id), value: Buffer.from(value).toString('base64') })
  }
})
