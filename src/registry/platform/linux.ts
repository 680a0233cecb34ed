/**
 * Linux: everything is in `/proc`, one small read each.
 */
import { closeSync, constants, openSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { hostname } from 'node:os'
import { isListening, listenerAt } from './linux-listeners.js'
import { peerUser } from './linux-peers.js'
import type { Platform } from './platform.js'

export const linux: Platform = {
  hostId: () => tryRead('/etc/machine-id')?.trim() || hostname(),
  pidSpace() {
    try {
      return readlinkSync('/proc/self/ns/pid')
    } catch {
      return 'unknown'
    }
  },
  networkSpace() {
    try {
      return readlinkSync('/proc/self/ns/net')
    } catch {
      return undefined
    }
  },
  bootId: () => tryRead('/proc/sys/kernel/random/boot_id')?.trim(),
  inspect(pid) {
    const stat = readOnce(`/proc/${pid}/stat`)
    return stat === undefined ? undefined : parseStat(stat)
  },
  directoryOf(pid) {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '')
    } catch {
      return undefined
    }
  },
  isListening,
  listenerAt,
  families: () => import('./linux-family.js'),
  peerUser,
  turnover() {
    countsAll ??= linux.pidSpace() === initialPidSpace
    return countsAll ? readOnce('/proc/loadavg')?.split('/')[1] : undefined
  },
}

/**
 * The pid namespace of the system itself (`PROC_PID_INIT_INO` of the kernel). Only there does `/proc/loadavg` count the
 * processes and name the last pid of one and the same space: how many there are, and who came last (proc_loadavg(5)).
 * Nobody has begun if the last pid is the same, and nobody has ended then if their number is.
 */
const initialPidSpace = 'pid:[4026531836]'

let countsAll: boolean | undefined

/**
 * Fields 3 and 22 of `/proc/<pid>/stat` (proc_pid_stat(5)): state, and start in clock ticks since boot. They are counted
 * from behind the command, which stands in parentheses and may hold anything.
 */
export function parseStat(text: string): ReturnType<Platform['inspect']> {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 20)
  const [state] = fields
  const start = fields[19]
  if (state === undefined || start === undefined) return undefined
  return { isZombie: state === 'Z' || state === 'X', isStopped: state === 'T' || state === 't', start }
}

/** The line of a process in `stat` has some 300 bytes, the longest of the others 500. The kernel gives them whole by one read. */
const buffer = Buffer.alloc(1024)

/** What a file begins with; undefined where it cannot be read. Three calls in the place of the six of `readFileSync`. */
export function readOnce(path: string): string | undefined {
  try {
    const descriptor = openSync(path, constants.O_RDONLY)
    try {
      return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, null))
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
