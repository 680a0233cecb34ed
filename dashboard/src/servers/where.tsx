import type { ShownServer } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { Shortened } from '../parts/shortened.js'
import { useStored } from '../parts/store.js'
import { visibleLine } from '../parts/visible-text.js'

/** Beside its name, the machine of a server of a shared registry; of others the last directory of the worktree that a server runs in, and the branch: while another one has the same name. */
export function Where({ server: { id, name, scope, source, host } }: { server: ShownServer }) {
  const isShared = useStored(
    yard.servers,
    (all) => all.filter((other) => other.name === name && !other.gone).length > 1,
    id,
  )
  if (source !== undefined)
    return (
      <span class="hint where" title={visibleLine(source)}>
        <Shortened text={visibleLine(host ?? '')} />
      </span>
    )
  if (!name || !scope || !isShared) return null
  const { directory, worktree = directory, branch } = scope
  return (
    <span class="hint where" title={visibleLine(whereText(directory, branch))}>
      <Shortened text={whereText(worktree.replace(/.*[/\\]/, ''), branch)} />
    </span>
  )
}

export function whereText(directory: string, branch: string | undefined): string {
  return branch ? `${directory} (${branch})` : directory
}
