#!/usr/bin/env node
/**
 * An etcd of three members and two machines that share a registry in it, until Ctrl+C. The machines are processes of this one: where Linux
 * allows it each has pids of its own, as in a container, by which wsyard takes them for two.
 */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'

const directory = mkdtempSync(join(tmpdir(), 'wsyard-cluster-'))
/** @type {import('node:child_process').ChildProcess[]} */
const members = []
/** @type {import('node:child_process').ChildProcess[]} */
const machines = []
let stopping = false
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => void stop(0))
}

const hosts = await startEtcd()
const secret = join(directory, 'key')
writeFileSync(secret, randomBytes(32).toString('base64'), { mode: 0o600 })
const registry = `etcd://${hosts.join(',')}/demo?ttl=5&secret-file=${secret}`
const apart = waysApart().find(
  ([command = '', ...args]) => spawnSync(command, [...args, 'true']).status === 0,
)
const [north, south] = [await startMachine('north', 2), await startMachine('south', 3)]

console.log(`
  ${styleText('bold', 'wsyard')}: two machines, each with a hub and two servers, share a registry in etcd
${apart ? '' : '  They cannot have pids of their own here, so each hub takes the servers of both for those of its machine.\n'}
  ${styleText('green', '➜')}  Open ${styleText('cyan', north)}, the hub of north
  ${styleText('green', '➜')}  Open ${styleText('cyan', south)}, the hub of south
  ${styleText('green', '➜')}  End a member of the etcd: ${styleText('bold', `kill ${members[0]?.pid}`)} (the others are ${members[1]?.pid} and ${members[2]?.pid})
  ${styleText('green', '➜')}  List all of them: ${styleText('bold', `npx wsyard ls --registry '${registry}'`)}
  ${styleText('dim', 'Press Ctrl+C to stop everything.')}
`)

/** Resolves to where its members are. */
async function startEtcd() {
  const ports = await freePorts(6)
  const urls = ports.map((port) => `http://127.0.0.1:${port}`)
  const names = ['member-1', 'member-2', 'member-3']
  const cluster = names.map((name, index) => `${name}=${urls[index + 3]}`).join(',')
  for (const [index, name] of names.entries()) {
    const [own, peer] = [String(urls[index]), String(urls[index + 3])]
    const listening = ['--listen-client-urls', own, '--listen-peer-urls', peer]
    const told = ['--advertise-client-urls', own, '--initial-advertise-peer-urls', peer]
    const args = ['--name', name, '--data-dir', join(directory, name), '--initial-cluster', cluster]
    const member = spawn('etcd', [...args, ...listening, ...told], { stdio: 'ignore', detached: true })
    members.push(member)
    member.once('error', () => {
      const message =
        'There is no etcd to run. Install it: apt-get install etcd-server, brew install etcd, or'
      void stop(1, `${message} https://etcd.io/docs/latest/install/.`)
    })
    member.once('exit', () => stopping || console.log(`${name} of the etcd has ended.`))
  }
  const isHealthy = async (/** @type {string} */ url) =>
    (await fetch(`${url}/health`).catch(() => undefined))?.ok === true
  for (const url of urls.slice(0, 3)) while (!stopping && !(await isHealthy(url))) await setTimeout(100)
  return urls.slice(0, 3).map((url) => new URL(url).host)
}

/**
 * @param {string} name
 * @param {number} number of its loopback address, where it has pids of its own
 */
async function startMachine(name, number) {
  const home = join(directory, name)
  mkdirSync(home, { mode: 0o700 })
  const address = apart ? `127.0.0.${number}` : '127.0.0.1'
  const script = fileURLToPath(new URL('machine.js', import.meta.url))
  const [command = '', ...args] = [...(apart ?? []), process.execPath, script, name, address]
  const machine = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // or Ctrl+C would end it before it has been told to
    env: {
      ...process.env,
      SHIPYARD_HOME: home,
      WSYARD_REGISTRY: registry,
      WSYARD_NETWORKS: '127.0.0.0/8',
    },
  })
  machines.push(machine)
  const ended = once(machine, 'exit').then(() => [''])
  const [url = ''] = await Promise.race([once(createInterface(machine.stdout), 'line'), ended])
  if (url === '' && !stopping) await stop(1, `The machine ${name} did not start; its own words are above.`)
  return url
}

/** Commands to put before another to give it pids of its own: as root, and as anybody. */
function waysApart() {
  return ['-p', '-Urp'].map((flags) => ['unshare', flags, '--fork', '--kill-child', '--mount-proc'])
}

/** @param {number} count */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/**
 * The machines first, which deregister, and then the etcd.
 *
 * @param {number} code
 * @param {string} [message]
 */
async function stop(code, message) {
  if (stopping) return
  stopping = true
  if (message !== undefined) console.error(message)
  for (const machine of machines) machine.stdin?.end()
  await Promise.all(machines.map(ended))
  for (const member of members) member.kill('SIGKILL')
  await Promise.all(members.map(ended))
  rmSync(directory, { recursive: true, force: true })
  process.exit(code)
}

/** @param {import('node:child_process').ChildProcess} child */
async function ended(child) {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    await once(child, 'exit')
}
