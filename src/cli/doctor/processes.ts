/**
 * What other processes of this user say of themselves: how they were started, and by their environment in which registry they register.
 * Linux alone tells (proc_pid_environ(5), proc_pid_cmdline(5)).
 */
import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readText } from '../discover/read-records.js'

/** More of a command line than tells what it is. */
const maxCommandLength = 60

/** The process as a sentence names it: `process 42 (node server.js)`. */
export function describeProcess(pid: number): string {
  const [program = '', ...args] = readText(`/proc/${pid}/cmdline`)?.split('\0') ?? []
  const command = [basename(program), ...args].join(' ').trim()
  if (command === '') return `process ${pid}`
  return `process ${pid} (${command.length > maxCommandLength ? `${command.slice(0, maxCommandLength - 1)}…` : command})`
}

/** The directory of the registry in which a process registers unless it is told otherwise; undefined where nobody can tell. */
export function homeOfProcess(pid: number): string | undefined {
  const text = readText(`/proc/${pid}/environ`) // undefined: another user's, or ended just now
  if (text === undefined) return undefined
  const home = settingIn(text, 'SHIPYARD_HOME')
  if (home !== undefined) return home
  const userHome = settingIn(text, 'HOME')
  return userHome === undefined ? undefined : join(userHome, '.shipyard')
}

/** Whether two paths lead to one directory, by a link or not. */
export function isSamePlace(one: string, other: string): boolean {
  return realPath(one) === realPath(other)
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // of which nothing is there
  }
}

function settingIn(environment: string, name: string): string | undefined {
  const setting = environment.split('\0').find((one) => one.startsWith(`${name}=`))
  return setting?.slice(name.length + 1)
}
