/**
 * macOS: the processes that a command has brought forth by `ps`, and the TCP ports on which they listen by `lsof`.
 */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { familyIn, type Listed, sessionsIn } from './family.js'
import type { FamilyFollower, FamilyLook, Listener } from './platform.js'

/** The pause between two looks: each starts two programs. */
const pauseMs = 500

const environment = { LC_ALL: 'C' }
const psArguments = ['-axo', 'pid=,ppid=,pgid=,state=']

/** See `Families.familyOf`. */
export function familyOf(sessions: readonly number[]): Listed[] {
  return familyIn(parseProcesses(printNow()), sessions)
}

function printNow(): string {
  return spawnSync('/bin/ps', psArguments, { encoding: 'utf8', env: environment }).stdout ?? ''
}

/** See `Families.followFamily`. */
export function followFamily(leader: number, onLook: (look: FamilyLook) => void): FamilyFollower {
  let sessions: readonly number[] = [leader]
  let listeners: readonly Listener[] = []
  let isEnding = false
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  const see = (text: string): Listed[] => {
    const processes = parseProcesses(text)
    sessions = sessionsIn(processes, leader, { sessions, isEnding })
    return processes
  }
  const look = async (): Promise<void> => {
    const processes = see(await print('/bin/ps', psArguments))
    const pids = familyIn(processes, [leader]).map(({ pid }) => pid)
    const args = ['-nP', '-a', '-iTCP', '-sTCP:LISTEN', '-p', pids.join(), '-FptPn']
    listeners = pids.length === 0 ? [] : parseListeners(await print('/usr/sbin/lsof', args))
    if (isOver) return
    onLook({ sessions, listeners })
    timer = setTimeout(look, pauseMs)
  }
  timer = setTimeout(look, pauseMs)
  return {
    beforeEnd() {
      isEnding = true
      see(printNow())
      onLook({ sessions, listeners })
    },
    close() {
      isOver = true
      clearTimeout(timer)
    },
  }
}

/** Lines such as `  501     1   501 Ss`, of `ps`; those that are not like it are passed over. */
export function parseProcesses(text: string): Listed[] {
  return [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\w)/gm)].map(([, pid, parent, group, state]) => ({
    pid: Number(pid),
    parent: Number(parent),
    session: Number(group), // which `ps` shows as an address of the kernel
    isZombie: state === 'Z',
  }))
}

/** What `lsof -F` prints, a field a line: `p501`, then of each socket `tIPv4` and `n127.0.0.1:3000`. One for each port. */
export function parseListeners(text: string): Listener[] {
  const byPort = new Map<number, Listener>()
  let [pid, type] = [0, '']
  for (const line of text.split('\n')) {
    const [field, value] = [line.slice(0, 1), line.slice(1)]
    if (field === 'p') pid = Number(value)
    else if (field === 't') type = value
    const [, name = '', digits] = (field === 'n' && /^(.*):(\d+)$/.exec(value)) || []
    if (digits === undefined || byPort.has(Number(digits))) continue
    const host = name === '*' ? (type === 'IPv6' ? '::' : '0.0.0.0') : name.replace(/^\[(.*)\]$/, '$1')
    byPort.set(Number(digits), { pid, host, port: Number(digits) })
  }
  return [...byPort.values()]
}

/** What a program prints; nothing when it cannot be run. `lsof` fails when it finds nothing. */
async function print(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { env: environment, maxBuffer: 64 * 1024 * 1024 }))
      .stdout
  } catch {
    return ''
  }
}
