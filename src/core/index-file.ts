/**
 * What `servers.json` should say, as a function of what it says now and of what `servers.d` holds.
 * Reading and writing the file is the file driver's part.
 */
import { isRecord, type Line } from './entry.js'

/** A parsed index. Fields of the top level that are not ours are carried along untouched. */
export interface Index {
  readonly root: Line
  readonly lines: readonly unknown[]
}

export const emptyIndex: Index = { root: {}, lines: [] }

/** Deeper than anything that people write by hand; JSON of some thousands of levels can be read but not written. */
const maxDepth = 100

/** Reads the text of an index; a byte order mark is skipped. Returns undefined when it is not an index at all. */
export function parseIndex(text: string): Index | undefined {
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
    if (!isRecord(value) || !Array.isArray(value.servers) || !isShallow(value, maxDepth)) return undefined
    return { root: value, lines: value.servers }
  } catch {
    return undefined
  }
}

/** The text of an index: two-space JSON, as the format has it. */
export function formatIndex(index: Index): string {
  return `${JSON.stringify({ ...index.root, servers: index.lines }, null, 2)}\n`
}

/** Whether a line was written by wsyard. Every other line is foreign, and its owner's. */
export function isManagedLine(line: unknown): line is Line {
  return isRecord(line) && typeof line.instance === 'string'
}

/** The lines of an index that wsyard did not write, valid or not. */
export function foreignLines(index: Index): unknown[] {
  return index.lines.filter((line) => !isManagedLine(line))
}

/** What a correct index is computed from. */
export interface IndexSource {
  /** Ids that have a file in `servers.d` now. */
  readonly managedIds: ReadonlySet<string>
  /**
   * The line for a managed id. `present` is what the index has for it; returning it unchanged trusts it.
   * Undefined: the file turned out not to be the entry of a live server, so the index has no line for it.
   */
  lineFor(id: string, present: Line | undefined): Line | undefined
  /** Whether a foreign line must go, because its server is provably dead or a managed entry has its id. */
  readonly isForeignGone?: ((line: unknown) => boolean) | undefined
  /** Foreign lines to put back, unless they are there. */
  readonly restore?: readonly Line[]
}

/**
 * Computes the index that the source calls for. Lines keep their places; new ones go to the end.
 *
 * @returns the very object that was passed in when it is already right.
 */
export function reconcileIndex(index: Index, source: IndexSource): Index {
  const lines: unknown[] = []
  const placed = new Set<string>()
  let changed = false
  for (const line of index.lines) {
    const id = isRecord(line) && typeof line.id === 'string' ? line.id : undefined
    if (!isManagedLine(line)) {
      const gone = hasManaged(source, id) || source.isForeignGone?.(line) === true
      if (gone) changed = true
      else lines.push(line)
      continue
    }
    const wanted =
      id !== undefined && source.managedIds.has(id) && !placed.has(id) ? source.lineFor(id, line) : undefined
    if (id !== undefined && wanted !== undefined) {
      placed.add(id)
      lines.push(wanted)
    }
    if (wanted === undefined || !isSameLine(wanted, line)) changed = true
  }
  for (const id of source.managedIds) {
    const line = placed.has(id) ? undefined : source.lineFor(id, undefined)
    if (line === undefined) continue
    lines.push(line)
    changed = true
  }
  for (const line of source.restore ?? []) {
    if (lines.some((present) => isRecord(present) && present.id === line.id)) continue
    if (source.isForeignGone?.(line) === true) continue
    lines.push(line)
    changed = true
  }
  return changed ? { root: index.root, lines } : index
}

/** The foreign lines that one reading of an index has and an earlier one had not. */
export function addedForeignLines(before: Index, after: Index): Line[] {
  const old = new Set(foreignLines(before).map(lineKey))
  return foreignLines(after).filter((line): line is Line => isRecord(line) && !old.has(lineKey(line)))
}

/** A text by which a line is recognised when it is read again. */
export function lineKey(line: unknown): string {
  return JSON.stringify(line)
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1))
}

/** A file alone is not enough: one that is broken, or left by the dead, must not cost a foreign server its line. */
function hasManaged(source: IndexSource, id: string | undefined): boolean {
  return id !== undefined && source.managedIds.has(id) && source.lineFor(id, undefined) !== undefined
}

function isSameLine(a: Line, b: Line): boolean {
  return a === b || lineKey(a) === lineKey(b)
}
