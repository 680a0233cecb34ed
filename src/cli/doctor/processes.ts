/**
 * What other processes of this user say of themselves: how they were started, and by their environment in which registry they register.
 * Linux alone tells (proc_pid_environ(5), proc_pid_cmdline(5), proc_pid_exe(5)).
 */
import { readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { readText } from '../discover/read-records.js'

/** More of a name than tells what it is. */
const maxNameLength = 60

/**
 * The process as a sentence names it: `process 42 (node server.js)`, by its program and the first file among its arguments. Secrets stand in
 * the others, with options and without.
 */
export function describeProcess(pid: number): string {
  const [program = '', ...args] = readText(`/proc/${pid}/cmdline`)?.split('\0') ?? []
  const script = args.find((argument) => isFile(resolve(`/proc/${pid}/cwd`, argument)))
  const name = [program, script ?? '']
    .map((path) => basename(path))
    .join(' ')
    .trim()
  return name === '' ? `process ${pid}` : `process ${pid} (${shortened(name)})`
}

/** Whether it is run by Node, as every server of wsyard is; false where nobody can tell. */
export function isNode(pid: number): boolean {
  try {
    return /^node(?: \(deleted\))?$/.test(basename(readlinkSync(`/proc/${pid}/exe`)))
  } catch {
    return false
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function shortened(name: string): string {
  return name.length > maxNameLength ? `${name.slice(0, maxNameLength - 1)}…` : name
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
