/**
 * The foreign entries of the index by whether their servers live, as a list needs them once. Following them is `foreign-entries.ts`'s part.
 */
import type { Entry } from '../../../core/index.js'
import { parseForeignEntry } from '../../entry-schema.js'
import { hasForeignExited } from '../../liveness-rules.js'
import { probePort } from '../../probe-port.js'
import { processFacts } from '../../process-facts.js'
import type { RegistryPaths } from './entry-files.js'
import { isManagedLine, lineKey } from './index-file.js'
import { readWholeIndex } from './open-index.js'

export interface ForeignServers {
  readonly living: readonly Entry[]
  /** Each with what tells its line from others. */
  readonly gone: readonly { readonly entry: Entry; readonly key: string }[]
}

/** @param managedIds those of managed entries, before which foreign ones of the same id stand back */
export async function foreignServers(
  paths: RegistryPaths,
  managedIds: ReadonlySet<string>,
): Promise<ForeignServers> {
  const found: { entry: Entry; key: string }[] = []
  for (const line of (await readWholeIndex(paths))?.lines ?? []) {
    const parsed = isManagedLine(line) ? undefined : parseForeignEntry(line)
    if (parsed?.ok && !managedIds.has(parsed.entry.id))
      found.push({ entry: parsed.entry, key: lineKey(line) })
  }
  const alive = await Promise.all(
    found.map(async ({ entry: { pid, port } }) => {
      const facts = processFacts(pid)
      return facts.running || !hasForeignExited(facts, await probePort(port))
    }),
  )
  // Of several under one id the last counts; one that has exited must not hide one that lives.
  const living = new Map(found.filter((_, position) => alive[position]).map(({ entry }) => [entry.id, entry]))
  return { living: [...living.values()], gone: found.filter((_, position) => !alive[position]) }
}
