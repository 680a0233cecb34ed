/**
 * Linux: the processes that a command has brought forth, and the TCP ports on which they listen.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import { familyIn, type Listed, sessionsIn } from './family.js'
import { readOnce } from './linux.js'
import { listenersIn, socketsOf, tryTo } from './linux-listeners.js'
import type { FamilyFollower, FamilyLook, Listener } from './platform.js'

/** How often it is looked whether the sockets of the machine are others: some 30 microseconds. */
const lookMs = 50

/**
 * Every so many looks search the family all the same: a listening socket may come from a process outside (SCM_RIGHTS), or have been opened
 * while another one of the machine was closed, and a process may have made a session of its own.
 */
const searchEvery = 20

/** See `Families.familyOf`. */
export function familyOf(sessions: readonly number[]): Listed[] {
  return familyIn(list(), sessions)
}

/** All processes that can be seen. */
function list(): Listed[] {
  const pids = (tryTo(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => listed(Number(pid)) ?? [])
}

/** Fields 3 to 6 of `/proc/<pid>/stat` (proc_pid_stat(5)), counted from behind the command, which may hold anything. */
function listed(pid: number): Listed | undefined {
  const text = readOnce(`/proc/${pid}/stat`)
  if (text === undefined) return undefined // ended just now
  const [state = '', ...numbers] = text.slice(text.lastIndexOf(')') + 2).split(' ', 4)
  const [parent = 0, , session = 0] = numbers.map(Number)
  return { pid, parent, session, isZombie: state === 'Z' || state === 'X' }
}

/** A listening socket, and where one process has it open. */
interface Held {
  readonly listener: Listener
  readonly path: string
  readonly link: string
}

/** See `Families.followFamily`. */
export function followFamily(leader: number, onLook: (look: FamilyLook) => void): FamilyFollower {
  let counts: string | undefined
  let sockets: Sockets = new Map()
  let held: readonly Held[] = []
  let sessions: readonly number[] = [leader]
  let isEnding = false
  let looks = 0
  const search = (): void => {
    const processes = list()
    sessions = sessionsIn(processes, leader, { sessions, isEnding })
    held = holders(familyIn(processes, [leader]), sockets)
    onLook({ sessions, listeners: held.map(({ listener }) => listener) })
  }
  const look = (): void => {
    looks += 1
    const [countsBefore, socketsBefore] = [counts, sockets]
    counts = socketCounts()
    const isDue =
      looks % searchEvery === 0 || held.some(({ path, link }) => tryTo(() => readlinkSync(path)) !== link)
    if (!isDue && counts === countsBefore) return
    sockets = listeningSockets(counts)
    if (isDue || !hasSameKeys(sockets, socketsBefore)) search()
  }
  const timer = setInterval(look, lookMs)
  return {
    beforeEnd() {
      isEnding = true
      search()
    },
    close: () => clearInterval(timer),
  }
}

function hasSameKeys(one: Sockets, other: Sockets): boolean {
  return one.size === other.size && [...one.keys()].every((key) => other.has(key))
}

/**
 * How many TCP sockets there are in this network namespace, of IPv4 and of IPv6, with the closed ones that the kernel remembers: a text that is
 * another one when one has begun to listen, whatever connections end at the same time.
 */
function socketCounts(): string {
  const [, both = ''] = /^TCP: (.* alloc \d+)/m.exec(readOnce('/proc/net/sockstat') ?? '') ?? []
  const [, ofIPv6 = ''] = /^TCP6: (.*)/m.exec(readOnce('/proc/net/sockstat6') ?? '') ?? []
  return `${both} ${ofIPv6}`
}

/** Where sockets listen, by the links that their holders have to them. */
type Sockets = ReadonlyMap<string, { host: string; port: number }>

/** The listening sockets of this network namespace. */
function listeningSockets(counts: string): Sockets {
  const sockets = new Map<string, { host: string; port: number }>()
  for (const table of counts.endsWith(' inuse 0') ? (['tcp'] as const) : (['tcp', 'tcp6'] as const)) {
    for (const { local, inode } of tryTo(() => [...listenersIn(table)]) ?? [])
      sockets.set(`socket:[${inode}]`, placeOf(local))
  }
  return sockets
}

/** See `Families.ownListeners`. */
export function ownListeners(): Listener[] {
  const places = new Map<string, { host: string; port: number }>()
  for (const table of ['tcp', 'tcp6'] as const) {
    for (const { local, inode, uid } of tryTo(() => [...listenersIn(table)]) ?? [])
      if (uid === process.getuid?.()) places.set(`socket:[${inode}]`, placeOf(local))
  }
  const names = places.size === 0 ? [] : (tryTo(() => readdirSync('/proc')) ?? [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  return pids
    .sort((a, b) => a - b)
    .flatMap((pid) =>
      (tryTo(() => socketsOf(pid)) ?? []).flatMap(([link]) => {
        const place = places.get(link)
        return place === undefined ? [] : [{ pid, ...place }]
      }),
    )
}

/** For each port one process of the family that listens at it, and one of its sockets. */
function holders(family: readonly Listed[], sockets: Sockets): Held[] {
  const byPort = new Map<number, Held>()
  for (const { pid } of sockets.size === 0 ? [] : family) {
    const open = new Map(tryTo(() => socketsOf(pid)) ?? []) // none of a process that has ended, or is another user's
    for (const [link, place] of sockets) {
      const path = open.get(link)
      if (path !== undefined && !byPort.has(place.port))
        byPort.set(place.port, { listener: { pid, ...place }, path, link })
    }
  }
  return [...byPort.values()]
}

/** An address and port as they stand in a table: words in the byte order of the machine. */
function placeOf(local: string): { host: string; port: number } {
  const [form = '', port = ''] = local.split(':')
  const words = Uint32Array.from(form.match(/.{8}/g) ?? [], (word) => Number.parseInt(word, 16))
  return { host: addressOf([...new Uint8Array(words.buffer)]), port: Number.parseInt(port, 16) }
}

/** The text of an address. One of IPv4 in a socket for both kinds, as Java binds it, is one of IPv4. */
function addressOf(bytes: readonly number[]): string {
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 255))
  if (bytes.length === 4 || isMapped) return bytes.slice(-4).join('.')
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1) // in its short form
}
