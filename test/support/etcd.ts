/**
 * Real clusters of etcd for tests: of one member or of three, each with ports and a directory of its own, which a test may stop, kill and
 * start again.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { installAsRoot, isOnPath } from './tools.js'

export interface EtcdMember {
  readonly name: string
  /** As `http://127.0.0.1:2379`. */
  readonly url: string
  /** Starts it, with what it has on disk, and waits until it is healthy. */
  start(): Promise<void>
  /** Ends it by this signal, and waits until it has ended. */
  end(signal?: NodeJS.Signals): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** Empties its disk; it must have been ended. */
  wipe(): void
  /** Asks it by its JSON API. */
  call: CallEtcd
}

type CallEtcd = (
  path: string,
  body: unknown,
  headers?: Record<string, string>,
) => Promise<Record<string, unknown>>

export interface EtcdCluster extends AsyncDisposable {
  readonly members: readonly EtcdMember[]
  /** The one with this number; the first if there is none. */
  member(position?: number): EtcdMember
  /** The URL of a registry in it, below a prefix that no other test uses unless it is given; at its members, or through other hosts. */
  registryUrl(options?: {
    prefix?: string
    query?: string
    credentials?: string
    hosts?: readonly string[]
  }): string
  /** Asks the first member by its JSON API. */
  call: CallEtcd
}

export interface EtcdOptions {
  /** @default 1 */
  members?: number
  /** Further arguments of each member. */
  args?: readonly string[]
  /** Whether they are asked by HTTPS, with certificates among the arguments. @default false */
  tls?: boolean
}

let prefixes = 0

function newPrefix(): string {
  prefixes += 1
  return `test-${prefixes}`
}

/** @throws when there is no etcd, and none can be installed. */
export async function startEtcd(options: EtcdOptions = {}): Promise<EtcdCluster> {
  const { members: count = 1, args = [], tls = false } = options
  const directory = mkdtempSync(join(tmpdir(), 'wsyard-etcd-'))
  const ports = await freePorts(3 * count)
  const peers = Array.from({ length: count }, (_, position) => `http://127.0.0.1:${ports[count + position]}`)
  const cluster = peers.map((peer, position) => `m${position}=${peer}`).join(',')
  const members = peers.map((peer, position) =>
    createMember(`m${position}`, {
      url: `${tls ? 'https' : 'http'}://127.0.0.1:${ports[position]}`,
      healthUrl: `http://127.0.0.1:${ports[2 * count + position]}`,
      peer,
      cluster,
      directory,
      args,
    }),
  )
  const close = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.end('SIGKILL')))
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await Promise.all(members.map((member) => member.start()))
  } catch (error) {
    await close()
    throw error
  }
  const member = (position = 0): EtcdMember => {
    const found = members[position]
    if (found === undefined) throw new Error(`there is no member ${position}`)
    return found
  }
  return {
    members,
    member,
    registryUrl({ prefix = newPrefix(), query = '', credentials, hosts } = {}) {
      const at = (hosts ?? members.map(({ url }) => new URL(url).host)).join(',')
      const user = credentials === undefined ? '' : `${credentials}@`
      return `${tls ? 'etcds' : 'etcd'}://${user}${at}/${prefix}${query === '' ? '' : `?${query}`}`
    },
    call: member().call,
    [Symbol.asyncDispose]: close,
  }
}

/** Whether there is an etcd; one is installed in CI. */
export function hasEtcd(): boolean {
  if (!isOnPath('etcd') && process.env.CI === 'true') installAsRoot('etcd-server')
  return isOnPath('etcd')
}

interface MemberOptions {
  readonly url: string
  /** Where it says without TLS whether it is well. */
  readonly healthUrl: string
  readonly peer: string
  readonly cluster: string
  readonly directory: string
  readonly args: readonly string[]
}

function createMember(
  name: string,
  { url, healthUrl, peer, cluster, directory, args }: MemberOptions,
): EtcdMember {
  const data = join(directory, name)
  const options = {
    name,
    'data-dir': data,
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-metrics-urls': healthUrl,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': cluster,
    // Three processes and their disk share a machine with other tests: they are given time to hear of each other.
    'heartbeat-interval': '100',
    'election-timeout': '1000',
  }
  let child: ChildProcess | undefined
  let log = ''

  const isHealthy = async (): Promise<boolean> => {
    const answer = await fetch(`${healthUrl}/health`, { signal: AbortSignal.timeout(1000) }).catch(
      () => undefined,
    )
    return answer?.ok === true
  }
  return {
    name,
    url,
    async start() {
      const given = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value])
      child = spawn('etcd', [...given, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
      log = ''
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-4000)
      })
      await once(child, 'spawn')
      const started = child
      for (let tries = 0; tries < 300; tries += 1) {
        if (await isHealthy()) return
        if (started.exitCode !== null || started.signalCode !== null) break
        await setTimeout(100)
      }
      throw new Error(`etcd ${name} did not become healthy:\n${log}`)
    },
    async end(signal = 'SIGKILL') {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGCONT')
      child.kill(signal)
      await ended
    },
    signal(signal) {
      child?.kill(signal)
    },
    wipe() {
      rmSync(data, { recursive: true, force: true })
    },
    async call(path, body, headers = {}) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      return (await response.json()) as Record<string, unknown>
    },
  }
}

/** The member that leads the others now. */
export async function leaderOf({ members }: EtcdCluster): Promise<EtcdMember> {
  for (;;) {
    for (const member of members) {
      const status = (await member.call('/v3/maintenance/status', {}).catch(() => ({}))) as {
        header?: { member_id: string }
        leader?: string
      }
      if (status.leader !== undefined && status.leader === status.header?.member_id) return member
    }
    await setTimeout(50)
  }
}

/**
 * So many at once, or two of them would be the same. Not of those that the system gives to whoever connects: one of them could be given
 * away while its member is being started again.
 */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  while (servers.length < count) {
    const server = createServer()
    const listening = once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.listen(12_000 + Math.floor(Math.random() * 20_000), '127.0.0.1')
    if (await listening) servers.push(server)
  }
  const ports = servers.map(portOf)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
