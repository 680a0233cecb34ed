/**
 * Linux: everything is in `/proc`, one small read each.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
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
  bootId: () => tryRead('/proc/sys/kernel/random/boot_id')?.trim(),
  inspect(pid) {
    const stat = tryRead(`/proc/${pid}/stat`)
    return stat === undefined ? undefined : parseStat(stat)
  },
}

/**
 * Fields 3 and 22 of `/proc/<pid>/stat` (proc_pid_stat(5)): state, and start in clock ticks since boot. They are counted
 * from behind the command, which stands in parentheses and may hold anything.
 */
export function parseStat(text: string): ReturnType<Platform['inspect']> {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  const start = fields[19]
  if (state === undefined || start === undefined) return undefined
  return { isZombie: state === 'Z' || state === 'X', isStopped: state === 'T' || state === 't', start }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
