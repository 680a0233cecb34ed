/**
 * The foreign entries of one registry: lines of `servers.json` that other programs wrote. Decides which of them
 * still stand. Nothing here writes.
 */
import { type Entry, isRecord, isSame, type Line, type OnWarning, WsyardError } from '../../../core/index.js'
import { parseForeignEntry } from '../../entry-schema.js'
import { hasForeignExited } from '../../liveness-rules.js'
import { probePort } from '../../probe-port.js'
import { processFacts } from '../../process-facts.js'
import type { RegistryPaths } from './entry-files.js'
import { foreignLines, type Index, lineKey } from './index-file.js'

export interface ForeignEntries {
  /** Those in the index now that are not known to be gone; without those whose id a managed entry has. */
  readonly entries: ReadonlyMap<string, Entry>
  /**
   * Takes the lines of an index that was just read. What is missing from it has left, unless `keepMissing`: it may be
   * missing because the index had been lost.
   */
  load(index: Index, managedIds: ReadonlyMap<string, unknown>, keepMissing: boolean): void
  /** The lines as they stood, for an index that has been lost. */
  lines(): readonly Line[]
  /** Whether this very line belongs to a server that was found gone. */
  isGone(line: unknown): boolean
  /** Dials the ports of those whose pid is not running. Resolves to the ids that were found gone. */
  sweep(): Promise<readonly string[]>
}

export function createForeignEntries(paths: RegistryPaths, onWarning: OnWarning): ForeignEntries {
  const entries = new Map<string, Entry>()
  const lines = new Map<string, Line>()
  /** Those that a later line with the same id hides. */
  let hidden: readonly { entry: Entry; line: Line }[] = []
  const gone = new Set<string>()
  const complaints = createComplaints(paths, onWarning)

  const load: ForeignEntries['load'] = (index, managedIds, keepMissing) => {
    complaints.begin()
    const stillGone = new Set<string>()
    const known = new Map(entries)
    const kept = keepMissing ? [...lines.values()].filter((line) => !hasId(index, line.id)) : []
    entries.clear()
    lines.clear()
    hidden = []
    for (const line of [...foreignLines(index), ...kept]) {
      const parsed = parseForeignEntry(line)
      if (!parsed.ok || !isRecord(line)) {
        complaints.add(parsed.ok ? 'it is not an object' : parsed.problem)
        continue
      }
      const { id } = parsed.entry
      if (gone.has(lineKey(line))) stillGone.add(lineKey(line))
      else if (managedIds.has(id))
        complaints.add(`id "${id}" belongs to a live server that registered by file`)
      else {
        const [entry, earlier] = [entries.get(id), lines.get(id)]
        if (entry !== undefined && earlier !== undefined) {
          complaints.add(`id "${id}" stands there more than once; the last one counts`)
          hidden = [...hidden, { entry, line: earlier }]
        }
        const before = known.get(id)
        entries.set(id, before !== undefined && isSame(before, parsed.entry) ? before : parsed.entry)
        lines.set(id, line)
      }
    }
    complaints.end()
    gone.clear()
    for (const key of stillGone) gone.add(key)
  }

  /** @param lineNow its line, unless that has changed meanwhile */
  const isFoundGone = async (entry: Entry, lineNow: () => Line | undefined): Promise<boolean> => {
    const { id, pid, port } = entry
    if (processFacts(pid).running) return false
    const probe = await probePort(port)
    const line = lineNow()
    if (line === undefined || !hasForeignExited(processFacts(pid), probe)) return false
    gone.add(lineKey(line)) // forgotten at the next reading, if it is not there any more
    hidden = hidden.filter((other) => other.line !== line)
    if (entries.get(id) !== entry) return true
    entries.delete(id)
    lines.delete(id)
    return true
  }

  const sweep = async (): Promise<readonly string[]> => {
    const found: string[] = []
    const examine = async (entry: Entry, lineNow: () => Line | undefined): Promise<void> => {
      if (await isFoundGone(entry, lineNow)) found.push(entry.id)
    }
    const shown = [...entries].map(([id, entry]) =>
      examine(entry, () => (entries.get(id) === entry ? lines.get(id) : undefined)),
    )
    await Promise.all([...shown, ...hidden.map(({ entry, line }) => examine(entry, () => line))])
    return found
  }

  return {
    entries,
    load,
    lines: () => [...lines.values()],
    isGone: (line) => gone.size > 0 && gone.has(lineKey(line)),
    sweep,
  }
}

function hasId({ lines }: Index, id: unknown): boolean {
  return lines.some((line) => isRecord(line) && line.id === id)
}

/** What is wrong with lines, said once for as long as it stands: the index is read again at every change. */
function createComplaints({ index: path }: RegistryPaths, onWarning: OnWarning) {
  let before: ReadonlySet<string> = new Set()
  let now = new Set<string>()
  return {
    begin(): void {
      now = new Set()
    },
    add(what: string): void {
      now.add(what)
      if (before.has(what)) return
      const message = `Skipped a line of ${path}: ${what}. Whoever wrote it must correct it; the others are served.`
      onWarning(new WsyardError('WSYARD_ERR_ENTRY_CORRUPT', message, { path }))
    },
    end(): void {
      before = now
    },
  }
}
