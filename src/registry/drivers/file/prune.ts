/**
 * Takes out what a hub would take out if there were one: the entries of servers that have exited, on behalf of whoever asks for it once.
 */
import type { Entry, ManagedEntry } from '../../../core/index.js'
import { listEntryIds, type RegistryPaths } from './entry-files.js'
import { markExited } from './exited-mark.js'
import { foreignServers } from './foreign-servers.js'
import { lineKey } from './index-file.js'
import type { SyncKnowledge } from './index-sync.js'
import { logRemoval } from './removal-log.js'

/**
 * Resolves to those that it has taken out.
 *
 * @param exited what still has a file
 * @param sync brings the index in step
 */
export async function pruneExited(
  paths: RegistryPaths,
  exited: readonly ManagedEntry[],
  sync: (knowledge: SyncKnowledge) => Promise<unknown>,
): Promise<Entry[]> {
  const managed = exited.filter((run) => markExited(paths, run))
  const { gone } = await foreignServers(paths, listEntryIds(paths))
  const pruned = [...managed, ...gone.map(({ entry }) => entry)]
  if (pruned.length > 0)
    await sync({ isForeignGone: (line) => gone.some(({ key }) => key === lineKey(line)) })
  for (const entry of pruned) logRemoval(paths, entry, 'exited')
  return pruned
}
