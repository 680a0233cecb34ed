/**
 * Whether this process has been started in the background of a terminal, by `&`: then what is typed there is for others.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** False where there is no terminal, or nobody says. */
export function isInBackground(): boolean {
  const [group, foreground] = groups()
  return group !== undefined && foreground !== undefined && foreground > 0 && group !== foreground
}

/** The process group of this process, and the one that has the terminal. */
function groups(): readonly (number | undefined)[] {
  if (process.platform === 'darwin') {
    const { stdout } = spawnSync('/bin/ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)])
    return String(stdout).trim().split(/\s+/).map(Number)
  }
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // of proc_pid_stat(5) fields 3 to 8
    return [group, foreground].map(Number)
  } catch {
    return []
  }
}
