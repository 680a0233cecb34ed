/**
 * The arguments of this user's processes, some of which name a port or a directory that is on no other record. Linux alone has them where they
 * cost next to nothing (proc_pid_cmdline(5)); elsewhere there are none.
 */
import { readdirSync } from 'node:fs'
import { readText } from './read-records.js'

/** For each process its command and what that was given. Never throws. */
export function commandLinesOfUser(): string[][] {
  if (process.platform !== 'linux') return []
  return processes().flatMap((pid) => {
    const text = readText(`/proc/${pid}/cmdline`) // undefined: another user's, or ended just now
    return text === undefined || text === '' ? [] : [text.split('\0')]
  })
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}
