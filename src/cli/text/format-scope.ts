/**
 * Where a server runs, for a line of a terminal. Pure.
 */
import type { Scope } from '../../core/index.js'

/** Its directory with `~` for the user's home, and the branch of its worktree. */
export function formatScope(scope: Scope | undefined, userHome: string): string {
  if (scope === undefined) return '-'
  const { directory, branch } = scope
  return `${withTilde(directory, userHome)}${branch === undefined ? '' : ` (${branch})`}`
}

/** A path as people write it. */
export function withTilde(path: string, userHome: string): string {
  const isBelow =
    userHome.length > 1 && path.startsWith(userHome) && /^$|^[/\\]/.test(path.slice(userHome.length))
  return isBelow ? `~${path.slice(userHome.length)}` : path
}
