/**
 * Machines for tests, as far as programs can tell: each has a network, processes, a host name and a home of its own, and a cable to a switch,
 * at which an etcd runs. All of it is namespaces of this system, which none but its own processes hold: they go with them, however a
 * test ends.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasEtcd } from './etcd.js'
import { projectRoot, type RunningProcess, type StartOptions, startProcess } from './processes.js'
import { needRoot, needSuccess, needTool, type Skippable, skip } from './tools.js'

export interface Machine {
  /** Its host name. */
  readonly name: string
  /** By which the others know it. */
  readonly address: string
  /** What is `SHIPYARD_HOME` there. */
  readonly home: string
  /** Starts a program in it, in the checkout. */
  start(command: string, args: readonly string[], options?: StartOptions): RunningProcess
  /** The port of this test's own loopback that leads to one of the machine's. */
  forward(port: number): Promise<number>
  /** Pulls its cable: what is sent gets lost, and nobody is told. */
  cut(): void
  mend(): void
}

export interface Cluster extends AsyncDisposable {
  /** In which all addresses lie. */
  readonly network: string
  /** Where its etcd is, as `10.77.0.1:2379`. */
  readonly etcd: string
  readonly machines: readonly Machine[]
}

const network = '10.77.0.0/24'
const addressOf = (position: number): string => `10.77.0.${position + 1}`

/** What a machine runs besides what is started in it: it ends when its input does, as that of a test that was killed. */
const init =
  'echo "$1" > /proc/sys/kernel/hostname; ip link set lo up; exec 3<&0; cat <&3 >/dev/null & echo up; wait'
const unshare = ['--net', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc']

/** Skips the test, with the reason printed, unless there can be machines and an etcd. */
export function needMachines(context: Skippable): void {
  needRoot(context)
  needTool(context, 'unshare', 'util-linux')
  needTool(context, 'ip', 'iproute2')
  if (!hasEtcd()) skip(context, 'there is no etcd: install the package etcd-server')
  const bridge = 'ip link add br0 type bridge && ip link add one type veth peer name two'
  needSuccess(context, 'unshare', [...unshare, 'sh', '-c', bridge], 'there can be no machines here')
}

export async function startCluster(names: readonly string[]): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'wsyard-machines-'))
  const cleanUps: (() => Promise<unknown> | unknown)[] = [
    () => rmSync(directory, { recursive: true, force: true }),
  ]
  const close = async (): Promise<void> => {
    for (const step of cleanUps.splice(0).reverse()) await step()
  }
  const boot = async (name: string): Promise<Namespaces> => {
    const namespaces = await openNamespaces(name)
    cleanUps.push(namespaces.close)
    return namespaces
  }
  try {
    const hall = await boot('switch')
    hall.run('ip', 'link', 'add', 'br0', 'type', 'bridge')
    hall.run('ip', 'address', 'add', `${addressOf(0)}/24`, 'dev', 'br0')
    hall.run('ip', 'link', 'set', 'br0', 'up')
    const etcd = `${addressOf(0)}:2379`
    await startEtcd(hall, `http://${etcd}`, join(directory, 'etcd'))
    const machines: Machine[] = []
    for (const [position, name] of names.entries()) {
      const namespaces = await boot(name)
      const address = addressOf(position + 1)
      plugIn(namespaces, address, hall, name)
      machines.push(createMachine({ name, address, namespaces, hall, directory, cleanUps }))
    }
    return { network, etcd, machines, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Namespaces {
  readonly pid: number
  /** Runs a command of this system there, and waits for it. */
  run(command: string, ...args: readonly string[]): void
  start(command: string, args: readonly string[], options?: StartOptions): RunningProcess
  close(): Promise<unknown>
}

async function openNamespaces(name: string): Promise<Namespaces> {
  const outer = startProcess('unshare', [...unshare, 'sh', '-c', init, 'sh', name], { input: true })
  await outer.printed(/^up$/m)
  const pid = childOf(outer.pid)
  if (pid === undefined) throw new Error(`there is no machine ${name}: ${outer.output()}`)
  const enter = ['--target', `${pid}`, '--net', '--pid', '--uts', '--mount']
  return {
    pid,
    run(command, ...args) {
      execFileSync('nsenter', ['--target', `${pid}`, '--net', command, ...args], { stdio: 'pipe' })
    },
    start(command, args, options) {
      const running = startProcess('nsenter', [...enter, `--wd=${projectRoot}`, command, ...args], options)
      return {
        ...running,
        // The command waits for the program and ends as that does: without it nobody would clear away what was killed.
        async stop(signal = 'SIGTERM') {
          const program = childOf(running.pid)
          if (program === undefined) return running.stop(signal)
          process.kill(program, signal)
          return running.ended
        },
      }
    },
    close: () => outer.stop('SIGKILL'),
  }
}

/** The only process that another has started; undefined where there is none. */
function childOf(pid: number): number | undefined {
  const path = `/proc/${pid}/task/${pid}/children`
  const [child = ''] = existsSync(path) ? readFileSync(path, 'utf8').split(' ') : []
  return child === '' ? undefined : Number(child)
}

/** Puts a cable from a machine to a port of the switch that is called as the machine. */
function plugIn({ pid, run }: Namespaces, address: string, hall: Namespaces, port: string): void {
  hall.run('ip', 'link', 'add', 'name', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${pid}`)
  hall.run('ip', 'link', 'set', 'dev', port, 'master', 'br0')
  hall.run('ip', 'link', 'set', 'dev', port, 'up')
  run('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
  run('ip', 'link', 'set', 'eth0', 'up')
}

async function startEtcd(hall: Namespaces, url: string, data: string): Promise<void> {
  const urls = ['--listen-client-urls', url, '--advertise-client-urls', url]
  const running = hall.start('etcd', ['--data-dir', data, ...urls])
  await running.printed(/ready to serve client requests/)
}

interface MachineOptions {
  readonly name: string
  readonly address: string
  readonly namespaces: Namespaces
  readonly hall: Namespaces
  readonly directory: string
  readonly cleanUps: (() => Promise<unknown> | unknown)[]
}

function createMachine({ name, address, namespaces, hall, directory, cleanUps }: MachineOptions): Machine {
  const home = join(directory, name)
  mkdirSync(home, { mode: 0o700 })
  const start: Machine['start'] = (command, args, { env, ...options } = {}) =>
    namespaces.start(command, args, { env: { SHIPYARD_HOME: home, NO_COLOR: '1', ...env }, ...options })
  return {
    name,
    address,
    home,
    start,
    async forward(port) {
      // A socket in the file system is the same in all networks.
      const path = join(directory, `${name}-${port}.sock`)
      await start(process.execPath, ['test/support/machine-forwarder.js', path, `${port}`]).printed(
        /forwards/,
      )
      const server = createServer({ allowHalfOpen: true }, (client) => {
        const onward = connect({ path, allowHalfOpen: true })
        client.pipe(onward).pipe(client)
        client.on('error', () => onward.destroy()).on('close', () => onward.destroy())
        onward.on('error', () => client.destroy()).on('close', () => client.destroy())
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      cleanUps.push(() => server.close())
      const at = server.address()
      return typeof at === 'object' && at !== null ? at.port : 0
    },
    cut: () => hall.run('ip', 'link', 'set', 'dev', name, 'down'),
    mend: () => hall.run('ip', 'link', 'set', 'dev', name, 'up'),
  }
}
