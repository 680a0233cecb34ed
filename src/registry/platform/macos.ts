/**
 * macOS: `ps` knows state and start, `ioreg` the computer, `lsof` who listens. They are programs, so one listing answers for all pids for
 * a while. Nothing here is specific to macOS but `ioreg`: any `ps` that follows POSIX and knows `lstart` does.
 */
import { spawnSync } from 'node:child_process'
import { hostname } from 'node:os'
import type { Platform, Process } from './platform.js'

/** How long a listing answers, in milliseconds: a hub looks closely at all its pids every four seconds. */
const freshMs = 1000

let listing: ReadonlyMap<number, Process> = new Map()
let listedAt = Number.NEGATIVE_INFINITY

export const macos: Platform = {
  hostId() {
    const text = run('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice'])
    return /"IOPlatformUUID" = "([^"]+)"/.exec(text)?.[1] ?? hostname()
  },
  pidSpace: () => 'macos', // has one for all
  bootId: () => undefined, // a start is a date here, which needs none
  directoryOf: (pid) =>
    /^n(.+)$/m.exec(run('/usr/sbin/lsof', ['-a', '-d', 'cwd', '-p', String(pid), '-Fn']))?.[1],
  isListening: () => undefined,
  listenerAt(port) {
    const [pid] = run('/usr/sbin/lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']).split('\n')
    return Number(pid) || undefined
  },
  families: () => import('./macos-family.js'),
  turnover: () => undefined,
  inspect(pid) {
    // A pid that is not listed is that of a process younger than the listing.
    if (performance.now() - listedAt > freshMs || !listing.has(pid)) {
      listing = parseListing(run('/bin/ps', ['-axo', 'pid=,state=,lstart=']))
      listedAt = performance.now()
    }
    return listing.get(pid)
  },
}

/** Lines such as `  501 Ss   Mon Nov 23 04:22:35 2026`; those that are not like it are passed over. */
export function parseListing(text: string): Map<number, Process> {
  const processes = new Map<number, Process>()
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\w)\S*\s+(\S.*?)\s*$/.exec(line)
    if (match === null) continue
    const [, pid, state, start = ''] = match
    processes.set(Number(pid), { isZombie: state === 'Z', isStopped: state === 'T', start })
  }
  return processes
}

/** What a program prints, with dates that do not depend on who asks; nothing when it cannot be run. */
function run(command: string, args: readonly string[]): string {
  const env = { LC_ALL: 'C', TZ: 'UTC' }
  const { stdout } = spawnSync(command, args, { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024 })
  return stdout ?? ''
}
