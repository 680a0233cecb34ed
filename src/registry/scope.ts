/**
 * Finds out where a directory or a process belongs: to which git worktree, and on which branch. Reads `.git` itself, as a server that
 * registers has no time to start a program.
 */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { defined, type Scope } from '../core/index.js'
import { maxScopeLength } from './entry-schema.js'
import { directoryOf } from './process-facts.js'

/** What a scope may take of an entry as JSON, so that there is room for the largest `meta` and path beside it. */
const maxScopeBytes = 2048

/** Where a directory belongs; undefined where its name is longer than an entry has room for. */
export function scopeOf(directory: string): Scope | undefined {
  if (directory.length > maxScopeLength || !isAbsolute(directory)) return undefined
  const scope = { directory, ...checkedOut(directory) }
  return Buffer.byteLength(JSON.stringify(scope)) <= maxScopeBytes ? scope : undefined
}

/** The git worktree that a directory lies in, and the branch there; nothing where there is none. */
function checkedOut(directory: string): Pick<Scope, 'worktree' | 'branch'> {
  for (let worktree = directory; ; worktree = dirname(worktree)) {
    const head = headOf(join(worktree, '.git'))
    if (head !== undefined) {
      // Where git keeps its refs in another way, a name stands there that is none (`.invalid`).
      const branch = /^ref: refs\/heads\/([^.\n].{0,255})$/m.exec(head)?.[1]
      return { worktree, ...defined({ branch }) }
    }
    if (worktree === dirname(worktree)) return {}
  }
}

/** The root of the project that a directory belongs to: of its worktree, or the directory itself where there is no git. */
export function projectOf(directory: string): string {
  const real = attempt(() => realpathSync(directory)) ?? resolve(directory) // as a process has its working directory
  return scopeOf(real)?.worktree ?? real
}

/** Where a process of this machine belongs; undefined where the system does not say, or its directory has been removed. */
export function scopeOfProcess(pid: number): Scope | undefined {
  const directory = pid === process.pid ? attempt(() => process.cwd()) : directoryOf(pid)
  return directory === undefined ? undefined : scopeOf(directory)
}

/** What a worktree says that is checked out; undefined where `.git` is none. In a worktree beside the first it is a file that says where. */
function headOf(git: string): string | undefined {
  const head = readStart(join(git, 'HEAD'))
  if (head !== undefined) return head
  const elsewhere = /^gitdir: (.+)$/m.exec(readStart(git) ?? '')?.[1]
  return elsewhere === undefined ? undefined : readStart(join(resolve(dirname(git), elsewhere), 'HEAD'))
}

const buffer = Buffer.alloc(4096)

// Absent on Windows, where there are no FIFOs to wait for.
const nonBlock = constants.O_NONBLOCK ?? 0

/** What a file begins with, which is all of it where git wrote it; undefined where there is none, or something that is no file. */
function readStart(path: string): string | undefined {
  return attempt(() => {
    const descriptor = openSync(path, constants.O_RDONLY | nonBlock)
    try {
      if (!fstatSync(descriptor).isFile()) return undefined
      return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0))
    } finally {
      closeSync(descriptor)
    }
  })
}

function attempt<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    return undefined
  }
}
