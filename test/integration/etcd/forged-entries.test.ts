/** What somebody who may write to a registry in etcd has this machine do by an entry that he made up: nothing to what is its own. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRegistry } from '../../../src/registry/index.js'
import { runCommand, startCommand } from '../../support/command.js'
import { type EtcdCluster, hasEtcd, startEtcd } from '../../support/etcd.js'
import { createTestHome, startProcess, type TestHome } from '../../support/processes.js'

const idle = 'setInterval(() => {}, 1000)'

describe.skipIf(!hasEtcd())('an entry that somebody made up in etcd', () => {
  let cluster: EtcdCluster
  beforeAll(async () => {
    cluster = await startEtcd()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  it('has no process of this machine ended by prune --orphans', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const own = await register(home, url, { name: 'own' })
    const victim = home.own(startProcess(process.execPath, ['-e', idle]))
    const owner = home.own(startProcess(process.execPath, ['-e', '']))
    await owner.ended
    // All but the pid and the owner is as it says itself what runs here.
    const { machine } = await read(url, own)
    await forge(url, 'forged', { machine, pid: victim.pid, owner: { pid: owner.pid } })

    const env = { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: url }
    const listed = await runCommand(home, ['ls', '--json'], { env })
    const forged = { id: 'forged', state: 'orphaned', pid: victim.pid }
    expect(JSON.parse(listed.out).servers).toContainEqual(expect.objectContaining(forged))
    const pruned = await runCommand(home, ['prune', '--orphans', '--yes'], { env })
    expect(pruned).toMatchObject({ code: 0, out: expect.stringContaining('No server is an orphan.') })
    expect(pruned.err).toMatch(
      /^"worker" \(forged\) is an orphan that is left alone: its entry is in etcd:.*\n$/,
    )
    expect(pruned.err).toContain(`End process ${victim.pid} yourself, if it is that server.`)
    const json = await runCommand(home, ['prune', '--orphans', '--yes', '--json'], { env })
    expect(JSON.parse(json.out)).toEqual({ pruned: [], orphans: [] })
    expect(victim.child.exitCode ?? victim.child.signalCode).toBeNull()
  })

  it('takes neither the name of a server in the own registry nor its place, by a name or an id', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const listener = createServer().listen(0, '127.0.0.1')
    home.onCleanUp(() => void listener.close())
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    await register(home, `file://${home.path}`, { name: 'worker', port })
    const { scope } = await read(url, await register(home, url, { name: 'other' }))
    await forge(url, 'forged', { scope, advertise: '10.9.0.5:1' })
    await forge(url, 'worker', { scope, advertise: '10.9.0.5:1', name: 'another' })

    const env = { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: `file: ${url}` }
    const { out, err } = await runCommand(home, ['url', 'worker'], { env })
    expect(out).toBe(`ws://127.0.0.1:${port}/\n`)
    expect(err).toContain('2 servers are called worker: this is the one of this project')
  })

  it('leads a hub neither to itself nor to an address that means no machine, whatever its networks', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    const env = { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: url, NO_COLOR: '1' }
    const args = ['hub', '--port', '0', '--auth', 'origin', '--json', '--networks', '0.0.0.0/1']
    const hub = startCommand(home, args, { env })
    await expect.poll(() => hub.printedOut()).toMatch(/\n$/)
    const { port } = JSON.parse(hub.printedOut())
    const refusalOf = async (id: string, advertise: string) => {
      await forge(url, id, { advertise })
      const ask = async () => {
        const response = await fetch(`http://127.0.0.1:${port}/api/registry/${id}`)
        return ((await response.json()) as { error: { code: string; message: string } }).error
      }
      await expect.poll(async () => (await ask()).code).not.toBe('SERVER_NOT_FOUND')
      const { code, message } = await ask()
      return `${code} ${message}`
    }
    expect(await refusalOf('hub', `127.0.0.1:${port}`)).toMatch(/^SERVER_ELSEWHERE .*never itself/)
    expect(await refusalOf('mapped', `[::ffff:127.0.0.1]:${port}`)).toMatch(
      /^SERVER_ELSEWHERE .*never itself/,
    )
    expect(await refusalOf('all', '0.0.0.0:1')).toMatch(/^SERVER_ELSEWHERE .*gives no address for others/)
    expect(await refusalOf('all-6', '[::ffff:0.0.0.0]:1')).toMatch(/^SERVER_ELSEWHERE .*gives no address/)
    expect(await refusalOf('far', '192.0.2.1:1')).toMatch(
      /^SERVER_ELSEWHERE .*Add one to --networks, or to WSYARD_NETWORKS, as 192\.0\.2\.1\/32\.$/,
    )
    expect(await refusalOf('near', '127.0.0.1:1')).toMatch(/^UPGRADE_NEEDED /)
  })

  it('is said by the commands to be out of reach, each with what helps', async () => {
    await using home = createTestHome()
    const url = cluster.registryUrl()
    await forge(url, 'far', { advertise: '10.9.0.5:1' })
    await forge(url, 'inward', { hostname: 'build-01' })
    await forge(url, 'locked', { advertise: '10.9.0.5:1', auth: 'token' })
    const run = async (args: string[], networks = '') => {
      const env = { SHIPYARD_HOME: home.path, WSYARD_REGISTRY: url, WSYARD_NETWORKS: networks, NO_COLOR: '1' }
      const { code, err } = await runCommand(home, args, { env })
      expect(code).toBe(1)
      return err
    }
    const connect = ['connect', '--send', 'x']
    expect(await run([...connect, 'far'])).toContain(
      'or add its network, as 10.9.0.5/32. [WSYARD_ERR_SERVER_UN',
    )
    const inward = await run([...connect, 'inward'], '0.0.0.0/0')
    expect(inward).toContain(
      'is not dialled at build-01: it is of another machine and gives no address for others',
    )
    expect(inward).not.toContain('network')
    expect(await run(['token', 'locked'])).toMatch(
      /cannot be read here\. Give, .* the secret-file that the server has\./,
    )
    expect(await run([...connect, 'far'], '10.0.0.0')).toMatch(
      /^error WSYARD_NETWORKS must be networks as .* \(got "10\.0\.0\.0"\)\. \[WSYARD_ERR_REGISTRY_URL\]\n$/,
    )
  })

  async function register(home: TestHome, url: string, options: object): Promise<string> {
    const registry = openRegistry({ registry: url })
    home.onCleanUp(() => registry.close())
    return (await registry.register({ port: 8080, ...options })).id
  }

  function keyOf(url: string, id: string): { key: string } {
    const { pathname } = new URL(url.replace('etcd:', 'http:'))
    return { key: Buffer.from(`${pathname.slice(1)}/servers/${id}`).toString('base64') }
  }

  async function read(url: string, id: string): Promise<Record<string, unknown>> {
    const { kvs } = await cluster.call('/v3/kv/range', keyOf(url, id))
    const [{ value }] = kvs as [{ value: string }]
    return JSON.parse(Buffer.from(value, 'base64').toString())
  }

  async function forge(url: string, id: string, fields: object): Promise<void> {
    const entry = {
      id,
      name: 'worker',
      port: 1,
      pid: 1,
      startedAt: '2099-01-01T00:00:00Z',
      instance: '0'.repeat(32),
      machine: 'away.0',
      ...fields,
    }
    const value = Buffer.from(JSON.stringify(entry)).toString('base64')
    await cluster.call('/v3/kv/put', { ...keyOf(url, id), value })
  }
})
