/**
 * What `servers.json` should say, as a function of what it says now and of what `servers.d` holds.
 * Reading and writing the file is the file driver's part.
 */
import { isRecord, type Line } from '../../../core/index.js'

/** A parsed index. Fields of the top level that are not ours are carried along untouched. */
export interface Index {
  readonly root: Line
  readonly lines: readonly unknown[]
  /** The very bytes that it was read from, if it was. */
  readonly bytes?: Uint8Array
  /** Whether a byte order mark stood before it, over which other programs' parsers fall. */
  readonly hasByteOrderMark?: boolean
}

export const emptyIndex: Index = { root: {}, lines: [] }

/** Deeper than anything that people write by hand; JSON of some thousands of levels can be read but not written. */
const maxDepth = 100

/** Reads the text of an index. Returns undefined when it is not an index at all. */
export function parseIndex(text: string): Index | undefined {
  try {
    const hasByteOrderMark = text.charCodeAt(0) === 0xfeff
    const value: unknown = JSON.parse(hasByteOrderMark ? text.slice(1) : text)
    if (!isRecord(value) || !Array.isArray(value.servers) || !isShallow(value, maxDepth)) return undefined
    return { root: value, lines: value.servers, hasByteOrderMark }
  } catch {
    return undefined
  }
}

/** The text of an index: two-space JSON, as the format has it. */
export function formatIndex(index: Index): string {
  return `${JSON.stringify({ ...index.root, servers: index.lines }, null, 2)}\n`
}

/** How the text of an index with lines ends that is formatted so and has `servers` last. */
const formattedEnd = /\n {4}\}\n {2}\]\n\}\n?$/

/**
 * The same for an index that came out of another, in pieces to be written one after the other: if it only has more lines,
 * they are put behind the bytes of those that are there, which is several times faster than formatting all of them.
 */
export function formatNextIndex(index: Index, before: Index): readonly (string | Uint8Array)[] {
  const { bytes = new Uint8Array() } = before
  const kept = before.lines.length
  const isLonger =
    kept > 0 &&
    before.hasByteOrderMark !== true &&
    index.lines.length > kept &&
    before.lines.every((line, position) => line === index.lines[position])
  // Of a longer character only the last bytes may be in it, and these do not match.
  const tail = String.fromCharCode(...bytes.slice(-20))
  const end = isLonger && Object.keys(before.root).at(-1) === 'servers' ? formattedEnd.exec(tail) : null
  if (end === null) return [formatIndex(index)]
  const added = JSON.stringify(index.lines.slice(kept), null, 2).slice('['.length, -'\n]'.length)
  const lines = `\n    },${added.replaceAll('\n', '\n  ')}\n  ]\n}\n`
  return [bytes.subarray(0, bytes.length - end[0].length), lines]
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
  /** Whether a foreign line must go, because its server is gone or a managed entry has its id. */
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
  const unplaced = new Set(source.managedIds)
  let changed = index.hasByteOrderMark === true
  for (const line of index.lines) {
    const id = isRecord(line) && typeof line.id === 'string' ? line.id : undefined
    if (!isManagedLine(line)) {
      const gone = hasManaged(source, id) || source.isForeignGone?.(line) === true
      if (gone) changed = true
      else lines.push(line)
      continue
    }
    const wanted = id !== undefined && unplaced.delete(id) ? source.lineFor(id, line) : undefined
    const isSame = wanted !== undefined && isSameLine(wanted, line)
    if (wanted !== undefined) lines.push(isSame ? line : wanted)
    if (!isSame) changed = true
  }
  for (const id of unplaced) {
    const line = source.lineFor(id, undefined)
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

function isShallow(value: object, levels: number): boolean {
  if (levels === 0) return false
  if (Array.isArray(value)) return value.every((inner) => isShallowField(inner, levels)) // `in` is slow on long ones
  for (const key in value) if (!isShallowField(value[key as keyof typeof value], levels)) return false
  return true
}

function isShallowField(value: unknown, levels: number): boolean {
  return typeof value !== 'object' || value === null || isShallow(value, levels - 1)
}

/** A file alone is not enough: one that is broken, or left by one that has exited, must not cost a foreign server its line. */
function hasManaged(source: IndexSource, id: string | undefined): boolean {
  return id !== undefined && source.managedIds.has(id) && source.lineFor(id, undefined) !== undefined
}

function isSameLine(a: Line, b: Line): boolean {
  return a === b || lineKey(a) === lineKey(b)
}
