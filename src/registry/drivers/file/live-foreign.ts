/**
 * The foreign entries of the index whose servers live, as a list needs them once. Following them is `foreign-entries.ts`'s part.
 */
import type { Entry } from '../../../core/index.js'
import { parseForeignEntry } from '../../entry-schema.js'
import { hasForeignExited } from '../../liveness-rules.js'
import { probePort } from '../../probe-port.js'
import { processFacts } from '../../process-facts.js'
import type { RegistryPaths } from './entry-files.js'
import { isManagedLine } from './index-file.js'
import { readWholeIndex } from './open-index.js'

/** @param managedIds those of managed entries, before which foreign ones of the same id stand back */
export async function liveForeign(paths: RegistryPaths, managedIds: ReadonlySet<string>): Promise<Entry[]> {
  const found: Entry[] = []
  for (const line of (await readWholeIndex(paths))?.lines ?? []) {
    const parsed = isManagedLine(line) ? undefined : parseForeignEntry(line)
    if (parsed?.ok && !managedIds.has(parsed.entry.id)) found.push(parsed.entry)
  }
  const alive = await Promise.all(
    found.map(async (entry) => {
      const facts = processFacts(entry.pid)
      return facts.running || !hasForeignExited(facts, await probePort(entry.port))
    }),
  )
  // Of several under one id the last counts; one that has exited must not hide one that lives.
  const living = found.filter((_, position) => alive[position])
  return [...new Map(living.map((entry) => [entry.id, entry])).values()]
}
