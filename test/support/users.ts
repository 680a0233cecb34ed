/** Commands that run another command as somebody else, for tests that are run by root. */

import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { projectRoot, type TestHome } from './processes.js'
import { needRoot, needTool, type Skippable, skip } from './tools.js'

export interface User {
  readonly uid: number
  /** The command to put before another. */
  readonly prefix: readonly string[]
}

/** A user who has an entry in the passwd file, with a home directory that does not exist. */
export const nobody: User = userOf(65_534)

/** A user of whom the system knows nothing but the number. */
export const stranger: User = userOf(54_321)

function userOf(uid: number): User {
  return { uid, prefix: ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'] }
}

/** Skips the test unless it can run the project as other users. */
export function needUsers(context: Skippable): void {
  needRoot(context)
  needTool(context, 'setpriv', 'util-linux')
  const [command = '', ...prefix] = stranger.prefix
  const script = join(projectRoot, 'dist/bin/wsyard.js')
  const { status } = spawnSync(command, [...prefix, process.execPath, script, '--version'])
  if (status !== 0) skip(context, `other users cannot run ${script}: its directories are closed to them`)
}

/** The same command with the mask that keeps nothing from anybody. */
export function maskingNothing(prefix: readonly string[]): readonly string[] {
  return [...prefix, 'sh', '-c', 'umask 000; exec "$@"', 'sh']
}

/** Gives the directory around a test's home to this user, open to all others, so that only the home's own modes count. */
export function giveTo(home: TestHome, { uid }: User): void {
  chownSync(dirname(home.path), uid, uid)
  chmodSync(dirname(home.path), 0o755)
}
