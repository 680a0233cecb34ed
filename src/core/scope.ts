/**
 * Where a server belongs, and whether that is the project on whose behalf somebody asks (`PROTOCOL.md`, "Scope"). Finding it out is the
 * registry's part.
 */

/** Where the process of a server runs. */
export interface Scope {
  /** Its working directory, absolute. */
  readonly directory: string
  /** The root of the git worktree in which that lies, if it does. */
  readonly worktree?: string
  /** What was checked out there when the server registered, if it was a branch. */
  readonly branch?: string
}

/**
 * How close a server is to a project: 2 if it runs in its worktree, or in its directory where there is no git; 1 if it runs
 * somewhere below; 0 if it is another's, or nobody says.
 *
 * @param root of the project
 */
export function closeness(scope: Scope | undefined, root: string | undefined): number {
  if (!scope || !root) return 0
  const { directory, worktree = directory } = scope
  if (worktree === root) return 2
  const above = root.replace(/[/\\]$/, '')
  return Number(directory.startsWith(above) && /^([/\\]|$)/.test(directory.slice(above.length)))
}
