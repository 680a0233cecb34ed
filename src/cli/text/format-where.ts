/**
 * Where a server runs, for a line of a terminal. Pure.
 */
import { type Entry, isLoopbackHost, isWildcardHost, type Scope } from '../../core/index.js'

/** Its directory with `~` for the user's home, and the branch of its worktree; of another machine's with that before it, as `scp` has it. */
export function formatWhere(
  { scope, source, host = 'localhost' }: Pick<Entry, 'scope' | 'source' | 'host'>,
  userHome: string,
): string {
  const isElsewhere = source !== undefined && !isLoopbackHost(host) && !isWildcardHost(host)
  if (!isElsewhere) return formatScope(scope, userHome)
  return `${host.includes(':') ? `[${host}]` : host}:${scope === undefined ? '' : formatScope(scope, '')}`
}

function formatScope(scope: Scope | undefined, userHome: string): string {
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
