/**
 * Whose the registry's files are, and who else may read or write them (`PROTOCOL.md`, "The registry on disk"): what is not a plain file or
 * directory of this user, the registry refuses.
 */
import { chmodSync, existsSync, lstatSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { WsyardError } from '../../../core/index.js'
import type { Check, Found } from '../finding.js'
import { setAside } from '../set-aside.js'
import { shellWord } from '../shell-word.js'
import type { Surroundings } from '../surroundings.js'

interface Place {
  readonly path: string
  readonly kind: 'home' | 'directory' | 'file'
  /** Set for a directory that has nothing of a registry in it: `SHIPYARD_HOME` may name it by mistake, and nothing is done to it. */
  readonly isStrange?: boolean
}

/** What to do about a strange one. */
const otherHome = "SHIPYARD_HOME names it: unset that, or set it to a directory of this user's own."

/** For others: the bits that must not be set. */
const forbidden = { home: 0o022, directory: 0o077, file: 0o077 } as const

/** For this user: the bits that must be set. */
const needed = { home: 0o700, directory: 0o700, file: 0o600 } as const

/** In such a directory only its owner may rename or remove a file: the registry takes it for closed. */
const stickyBit = 0o1000

/** What the registry and the command keep in the directory. Others' files there are none of ours. */
const ownFile = /^(?:servers\.json(?:\.corrupt-.*)?|hub\.token|removed\.log(?:\.1)?|connect-history)$/

export const modes: Check = {
  name: 'modes',
  well: "The registry's files are this user's, and closed to others.",
  async look(surroundings) {
    if (process.getuid === undefined) return undefined // Windows has neither modes nor owners as numbers
    const found = placesIn(surroundings).flatMap(examine)
    const isExplained = (path: string): boolean =>
      found.some(({ where = '' }) => path === where || path.startsWith(`${where}${sep}`))
    const others = surroundings.warnings.filter(
      (warning) => isRefusal(warning) && !isExplained(warning.path ?? ''),
    )
    return [...found, ...others.map(asFound)]
  },
}

/** The directories before what is in them: once they are closed, nobody exchanges that while it is repaired. */
function placesIn({ home, defaultHome }: Surroundings): Place[] {
  const entries = join(home, 'servers.d')
  const isStrange =
    home !== defaultHome && ![entries, join(home, 'servers.json')].some((path) => existsSync(path))
  const filesOf = (place: Place, pattern: RegExp): Place[] =>
    namesIn(place)
      .filter((name) => pattern.test(name))
      .map((name) => ({ path: join(place.path, name), kind: 'file' }))
  const [top, below] = [
    { path: home, kind: 'home', isStrange },
    { path: entries, kind: 'directory' },
  ] as const
  return isOwnDirectory(top)
    ? [top, below, ...filesOf(top, ownFile), ...filesOf(below, /^[^.].*\.json$/)]
    : [top]
}

/** None of what is no directory of this user, as what is behind a link is not the registry's; or cannot be read, which is found by itself. */
function namesIn(place: Place): string[] {
  try {
    return isOwnDirectory(place) ? readdirSync(place.path) : []
  } catch {
    return []
  }
}

function isOwnDirectory(place: Place): boolean {
  const stats = statsOf(place)
  return stats?.isDirectory() === true && stats.uid === process.getuid?.()
}

function examine(place: Place): Found[] {
  const { kind } = place
  const stats = statsOf(place)
  if (stats === undefined) return []
  const isKind = kind === 'file' ? stats.isFile() : stats.isDirectory()
  if (!isKind) return [wrongKind(place, stats)]
  if (stats.uid !== process.getuid?.()) return [wrongOwner(place, stats)]
  const isSticky = kind === 'home' && (stats.mode & stickyBit) !== 0
  const excess = isSticky ? 0 : stats.mode & forbidden[kind]
  const lack = needed[kind] & ~stats.mode
  return excess === 0 && lack === 0 ? [] : [wrongMode(place, stats, excess !== 0)]
}

/** The directory of the registry alone may be a link. */
function statsOf({ path, kind }: Place): Stats | undefined {
  try {
    return (kind === 'home' ? statSync : lstatSync)(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function wrongMode(place: Place, { mode }: Stats, isOpen: boolean): Found {
  const { path, kind, isStrange = false } = place
  const right = ((mode & 0o7777) | needed[kind]) & ~forbidden[kind]
  const text = right.toString(8).padStart(3, '0')
  const who = isOpen
    ? `other users may ${kind === 'home' ? 'write to' : 'use'} it`
    : 'this user may not use it'
  const found: Found = {
    level: 'problem',
    what: `${path} has the mode ${(mode & 0o7777).toString(8).padStart(3, '0')}: ${who}.`,
    cure: isStrange ? otherHome : `chmod ${text} ${shellWord(path)}`,
    where: path,
  }
  if (isStrange) return found
  return {
    ...found,
    async repair() {
      const now = statsOf(place)
      if (now === undefined) return `${path} is not there any more.`
      if (now.uid !== process.getuid?.() || now.isSymbolicLink())
        throw new Error(`${path} is another file now`)
      chmodSync(path, right)
      return `Gave ${path} the mode ${text}.`
    },
  }
}

/** By its number, as a user may have no name. */
function wrongOwner({ path, kind, isStrange = false }: Place, { uid }: Stats): Found {
  const chown = `sudo chown ${kind === 'file' ? '' : '-R '}${process.getuid?.()} ${shellWord(path)}`
  return {
    level: 'problem',
    what: `${path} belongs to user ${uid}, so that the registry refuses it.`,
    cure: isStrange ? otherHome : `${chown}, or move it away if that user is to keep it.`,
    where: path,
  }
}

function wrongKind({ path, kind, isStrange = false }: Place, stats: Stats): Found {
  const away = `Move it away: mv ${shellWord(path)} ${shellWord(`${path}.old`)}. Live servers write it anew.`
  const found: Found = {
    level: 'problem',
    what: `${path} is ${nameOf(stats)} where the registry needs a plain ${kind === 'file' ? 'file' : 'directory'}, so that it refuses it.`,
    cure: isStrange ? otherHome : away,
    where: path,
  }
  if (kind === 'home' || stats.uid !== process.getuid?.()) return found
  return {
    ...found,
    repair: async () => `Set ${path} aside as ${setAside(path)}; live servers write it anew.`,
  }
}

function nameOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link'
  if (stats.isDirectory()) return 'a directory'
  if (stats.isFile()) return 'a file'
  if (stats.isFIFO()) return 'a FIFO'
  return stats.isSocket() ? 'a socket' : 'a device'
}

function isRefusal({ code, path }: WsyardError): boolean {
  if (code === 'WSYARD_ERR_REGISTRY_UNREADABLE') return true
  return code === 'WSYARD_ERR_FILE_REFUSED' && !isPlainFile(path)
}

/** One that is refused all the same is too large, and is another check's. */
function isPlainFile(path: string | undefined): boolean {
  return path !== undefined && statsOf({ path, kind: 'file' })?.isFile() === true
}

function asFound({ message, path }: WsyardError): Found {
  const [what = '', ...rest] = message.split(/(?<=\.) (?=[A-Z])/)
  return { level: 'problem', what, cure: rest.join(' '), ...(path !== undefined && { where: path }) }
}
