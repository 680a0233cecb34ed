/** Servers and hubs of several machines that share an etcd: seen, reached and lost across a network that can be cut. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { SnapshotServer } from '../../src/core/index.js'
import { wsyard } from '../support/command.js'
import { hasEtcd } from '../support/etcd.js'
import { filesOf, makeProject } from '../support/guide-project.js'
import { type MachineHub, startMachineHub } from '../support/machine-hub.js'
import { type Cluster, type Machine, needMachines, startCluster } from '../support/machines.js'
import { createTestHome, projectRoot, type RunningProcess, startProcess } from '../support/processes.js'
import type { PushClient } from '../support/push-client.js'

interface Stage {
  readonly cluster: Cluster
  readonly alpha: Machine
  readonly beta: Machine
  /** The registry's URL, with the key and without it. */
  readonly sealed: string
  readonly keyless: string
  /** A hub on each machine. */
  readonly hubs: { readonly alpha: MachineHub; readonly beta: MachineHub }
}

let stage: Stage | undefined

async function openStage(): Promise<Stage> {
  const cluster = await startCluster(['alpha', 'beta'])
  const [alpha, beta] = cluster.machines
  if (alpha === undefined || beta === undefined) throw new Error('there are too few machines')
  const keyless = `etcd://${cluster.etcd}?ttl=3`
  const sealedOn = ({ home }: Machine): string => `${keyless}&secret-file=${join(home, 'key')}`
  const key = randomBytes(32).toString('base64')
  for (const { home } of [alpha, beta]) writeFileSync(join(home, 'key'), key, { mode: 0o600 })
  const open = (machine: Machine) =>
    startMachineHub(machine, sealedOn(machine), ['--networks', cluster.network])
  const [onAlpha, onBeta] = await Promise.all([open(alpha), open(beta)])
  return { cluster, alpha, beta, sealed: sealedOn(alpha), keyless, hubs: { alpha: onAlpha, beta: onBeta } }
}

function theStage(): Stage {
  if (stage === undefined) throw new Error('nothing has been set up')
  return stage
}

async function startServer(
  machine: Machine,
  args: readonly string[],
): Promise<RunningProcess & { instance: string }> {
  const registry = `${theStage().keyless}&secret-file=${join(machine.home, 'key')}`
  const running = machine.start(process.execPath, ['test/support/machine-server.js', ...args], {
    env: { WSYARD_REGISTRY: registry },
  })
  const [, instance = ''] = await running.printed(/^ready \S+ (\w+)$/m)
  return { ...running, instance }
}

/** The server of this name, once the hub shows it. */
async function shown(hub: MachineHub, name: string): Promise<SnapshotServer | undefined> {
  const find = async () => (await hub.snapshot()).servers.find((one) => one.name === name)
  await expect.poll(find).toBeDefined()
  return find()
}

/** What is said of a server from now on, with when. */
function follow(client: PushClient, name: string): () => { at: number; said: string }[] {
  const heard: { at: number; said: string }[] = []
  client.socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    const at = performance.now()
    if (message.type === 'problem') heard.push({ at, said: message.error === null ? 'well' : 'problem' })
    for (const { type, entry, reason } of message.changes ?? [])
      if (entry.name === name) heard.push({ at, said: type === 'removed' ? reason : type })
  })
  return () => heard
}

async function command(machine: Machine, args: readonly string[], env: Record<string, string> = {}) {
  const running = machine.start(process.execPath, [wsyard, ...args], { env })
  return { code: await running.ended, output: running.output() }
}

describe('servers of several machines', () => {
  beforeEach(async (context) => {
    needMachines(context)
    stage ??= await openStage()
  })
  afterAll(() => stage?.cluster[Symbol.asyncDispose]())

  it('are shown by every hub, and talked with through it at the address of their machine', async () => {
    const { hubs, alpha, beta, sealed, cluster } = theStage()
    await using home = createTestHome()
    const guide = readFileSync(join(projectRoot, 'docs/guide/several-machines.md'), 'utf8')
    const { directory } = makeProject(home, filesOf(guide))
    const env = { WSYARD_REGISTRY: sealed }
    await using _ = endAfter(beta.start(process.execPath, [join(directory, 'worker.js')], { env }))
    const found = await shown(hubs.alpha, 'worker')
    expect(found).toMatchObject({ host: beta.address, auth: 'token', state: 'up' })
    expect(JSON.stringify(found)).not.toContain('oken":')
    await shown(hubs.beta, 'worker')
    for (const hub of [hubs.alpha, hubs.beta]) expect(await hub.ask('worker', 'hi')).toBe('You said: hi')

    const listed = await command(alpha, ['ls', '--registry', sealed])
    expect(listed.output).toMatch(/^worker +up .* token +10\.77\.0\.3:/m)
    const args = ['connect', 'worker', '--send', 'a line']
    const talk = await command(alpha, args, { ...env, WSYARD_NETWORKS: cluster.network })
    expect(talk).toMatchObject({ code: 0, output: expect.stringContaining('You said: a line') })
    const without = await command(alpha, args, env)
    expect(without).toMatchObject({ code: 1, output: expect.stringContaining('add its network') })
  })

  it('are refused to a hub that has not been told of their network, and to one without the key', async () => {
    const { hubs, alpha, beta, sealed, keyless, cluster } = theStage()
    await using _ = endAfter(await startServer(beta, ['guarded', '0.0.0.0', '8080', 'token']))
    await shown(hubs.alpha, 'guarded')
    await using closed = endAfter(await startMachineHub(alpha, sealed, [], 9001))
    await shown(closed, 'guarded')
    expect(await closed.ask('guarded', 'x')).toBe('502')
    expect(await closed.explain('guarded')).toMatchObject({
      status: 502,
      error: {
        code: 'SERVER_ELSEWHERE',
        message: expect.stringMatching(
          /Add one to --networks, or to WSYARD_NETWORKS, as 10\.77\.0\.3\/32\.$/,
        ),
      },
    })
    await using ignorant = endAfter(
      await startMachineHub(alpha, keyless, ['--networks', cluster.network], 9002),
    )
    await shown(ignorant, 'guarded')
    expect(await ignorant.ask('guarded', 'x')).toBe('502')
    expect(await ignorant.explain('guarded')).toMatchObject({
      error: {
        code: 'SERVER_ANSWER',
        message: expect.stringMatching(/401 Unauthorized\. .*secret-file that the server has\.$/),
      },
    })
    const env = { WSYARD_REGISTRY: keyless, WSYARD_NETWORKS: cluster.network }
    const talk = await command(alpha, ['connect', 'guarded', '--send', 'x'], env)
    expect(talk).toMatchObject({
      code: 1,
      output: expect.stringContaining('asks for its token, which cannot be read here: give'),
    })
  })

  it.each([
    ['says nothing of where it is', 'silent', [], 'beta'],
    ['says that it is there', 'lying', ['127.0.0.1:8081'], '127.0.0.1'],
  ])(
    'are never looked for at the own loopback: one that listens on that of its machine, and %s',
    async (_, name, advertise, host) => {
      const { hubs, alpha, beta, sealed, cluster } = theStage()
      await using trap = endAfter(alpha.start(process.execPath, ['test/support/machine-trap.js', '8081']))
      await trap.printed(/set/)
      await using _server = endAfter(
        await startServer(beta, [name, '127.0.0.1', '8081', 'open', ...advertise]),
      )
      expect(await shown(hubs.alpha, name)).toMatchObject({ host, port: 8081 })
      expect(await hubs.beta.ask(name, 'at home')).toBe(`${name} heard at home`)
      expect(await hubs.alpha.ask(name, 'x')).toBe('502')
      expect(await hubs.alpha.explain(name)).toMatchObject({ error: { code: 'SERVER_ELSEWHERE' } })
      const registry = { WSYARD_REGISTRY: sealed, WSYARD_NETWORKS: cluster.network }
      const talk = await command(alpha, ['connect', name, '--send', 'x'], registry)
      expect(talk).toMatchObject({
        code: 1,
        output: expect.stringContaining('WSYARD_ERR_SERVER_UNREACHABLE'),
      })
      expect(trap.output()).toBe('set\n')
    },
  )

  it('are gone everywhere at once when they are killed, as the hub of their machine sees it', async () => {
    const { hubs, beta } = theStage()
    const server = await startServer(beta, ['killed', '0.0.0.0', '8080', 'token'])
    await shown(hubs.alpha, 'killed')
    await shown(hubs.beta, 'killed')
    const client = await hubs.alpha.follow()
    const heard = follow(client, 'killed')
    const killedAt = performance.now()
    await server.stop('SIGKILL')
    await expect.poll(heard).toMatchObject([{ said: 'exited' }])
    const tookMs = (heard()[0]?.at ?? 0) - killedAt
    console.log(`A server killed on another machine was gone after ${Math.round(tookMs)} ms.`)
    expect(tookMs).toBeLessThan(5000) // a tenth of a second and two ways through etcd, where nothing else goes on
    expect(client.complaints).toEqual([])
    await client.drop()
  })

  it('go when their machine is cut off, and are back with it; its own hub goes on with what it knows', async () => {
    const { hubs, beta } = theStage()
    const server = await startServer(beta, ['distant', '0.0.0.0', '8080', 'token'])
    await using _ = endAfter(server)
    await shown(hubs.alpha, 'distant')
    await shown(hubs.beta, 'distant')
    const [far, near] = [await hubs.alpha.follow(), await hubs.beta.follow()]
    const [seenFar, seenNear] = [follow(far, 'distant'), follow(near, 'distant')]
    const cutAt = performance.now()
    beta.cut()
    try {
      await expect.poll(seenNear).toMatchObject([{ said: 'problem' }])
      await expect.poll(seenFar).toMatchObject([{ said: 'expired' }])
      const { status, servers, problem } = await hubs.beta.snapshot()
      expect(status).toBe(200)
      expect(servers.map(({ name }) => name)).toContain('distant')
      expect(problem).toMatchObject({
        code: 'WSYARD_ERR_REGISTRY_UNREADABLE',
        message: expect.stringContaining('what was last known stands'),
      })
      expect(await hubs.beta.ask('distant', 'cut off')).toBe('distant heard cut off')
    } finally {
      beta.mend()
    }
    const mendedAt = performance.now()
    await expect.poll(seenFar).toMatchObject([{ said: 'expired' }, { said: 'added' }])
    await expect.poll(() => seenNear().some(({ said }) => said === 'well')).toBe(true)
    const [gone, back] = seenFar()
    const [goneMs, backMs] = [(gone?.at ?? 0) - cutAt, (back?.at ?? 0) - mendedAt]
    console.log(
      `Cut off with ttl=3: gone after ${Math.round(goneMs)} ms, back ${Math.round(backMs)} ms after the link.`,
    )
    expect(goneMs).toBeLessThan(6000) // the lease, and what etcd takes to look
    expect(backMs).toBeLessThan(5000) // two seconds where nothing else goes on
    expect(await shown(hubs.alpha, 'distant')).toMatchObject({ instance: server.instance })
    expect(await hubs.alpha.ask('distant', 'again')).toBe('distant heard again')
    for (const client of [far, near]) {
      expect(client.complaints).toEqual([])
      await client.drop()
    }
  })
})

/** Ends what it was given with the block in which it stands. */
function endAfter<T extends RunningProcess>(running: T): T & AsyncDisposable {
  return { ...running, [Symbol.asyncDispose]: async () => void (await running.stop('SIGKILL')) }
}

describe.skipIf(!hasEtcd())('the example of a cluster', () => {
  it('has two machines whose hubs show and reach the servers of both, and leaves nothing behind', async () => {
    await using home = createTestHome()
    const directory = dirname(home.path)
    const env = { TMPDIR: directory }
    const demo = startProcess(process.execPath, ['examples/cluster/demo.js'], { env })
    home.onCleanUp(() => demo.stop('SIGINT')) // killed, it could not end what it has started
    await demo.printed(/Ctrl\+C/)
    const hubs = Array.from(demo.output().matchAll(/Open (http:\S+\/),/g), ([, url]) => String(url))
    expect(hubs).toHaveLength(2)
    for (const hub of hubs) {
      const names = async () => {
        const { servers } = (await (await fetch(`${hub}api/registry`)).json()) as {
          servers: SnapshotServer[]
        }
        return servers.map(({ name }) => name).sort()
      }
      await expect.poll(names).toEqual(['north-a', 'north-b', 'south-a', 'south-b'])
      for (const name of ['north-a', 'south-b']) {
        const socket = new WebSocket(`${hub.replace('http', 'ws')}api/registry/${name}`)
        socket.on('open', () => socket.send('hello'))
        const [answer] = await once(socket, 'message')
        expect(String(answer)).toBe(`${name} heard hello`)
        socket.close()
      }
    }
    expect(await demo.stop('SIGINT')).toBe(0)
    expect(readdirSync(directory).filter((name) => name.startsWith('wsyard-cluster'))).toEqual([])
    await expect(fetch(hubs[0] ?? '')).rejects.toThrow()
  })

  it('says how to get an etcd where there is none', async () => {
    const demo = startProcess(process.execPath, ['examples/cluster/demo.js'], { env: { PATH: '/nowhere' } })
    expect(await demo.ended).toBe(1)
    expect(demo.output()).toMatch(/^There is no etcd to run\. Install it: .*\n$/)
  })
})
