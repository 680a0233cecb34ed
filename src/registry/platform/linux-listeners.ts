/**
 * Linux: which process listens at an address and port. A socket has an inode, which stands in `/proc/net/tcp` beside its
 * address, and in `/proc/<pid>/fd` of whoever has it open.
 */
import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { formsOf, portText, type Table } from './linux-socket-tables.js'

/** Where a listening socket was last found: looking there again takes one call instead of some hundred. */
const found = new Map<string, Descriptor>()

/** More than there are servers; then they are looked for again. */
const maxFound = 4096

interface Descriptor {
  readonly path: string
  readonly link: string
}

/**
 * See `Platform.isListening`. The workers of a `cluster` share a socket that their parent has open. Of sockets that share
 * a port by `SO_REUSEPORT`, which those of one user may, one is enough.
 */
export function isListening(pid: number, address: string, port: number): boolean | undefined {
  const key = `${pid} ${address} ${port}`
  const known = found.get(key)
  if (known !== undefined && tryTo(() => readlinkSync(known.path)) === known.link) return true
  found.delete(key)
  try {
    const descriptor = listenerOf(pid, address, port)
    if (descriptor === undefined) return false
    if (found.size >= maxFound) found.clear()
    found.set(key, descriptor)
    return true
  } catch {
    return undefined // another user's process, or none
  }
}

/** See `Platform.listenerAt`. Only root is told of other users' processes. */
export function listenerAt(port: number): number | undefined {
  const links = new Set<string>()
  for (const table of ['tcp', 'tcp6'] as const) {
    for (const { local, inode } of tryTo(() => [...listenersIn(table)]) ?? []) {
      if (local.endsWith(`:${portText(port)}`)) links.add(`socket:[${inode}]`)
    }
  }
  const pids =
    links.size === 0 ? [] : (tryTo(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name))
  const pid = pids.find((name) => tryTo(() => socketsOf(Number(name)))?.some(([link]) => links.has(link)))
  return pid === undefined ? undefined : Number(pid)
}

/** Where a process or its parent has the socket to which a connection from here comes. @throws if it may not be asked. */
function listenerOf(pid: number, address: string, port: number): Descriptor | undefined {
  let descriptors: Map<string, string> | undefined
  for (const [table, locals] of placesOf(address)) {
    let isTaken = false
    for (const { local, inode } of listenersIn(table)) {
      if (!locals.some((one) => local === `${one}:${portText(port)}`)) continue
      isTaken = true
      const link = `socket:[${inode}]`
      descriptors ??= new Map([...parentsDescriptors(pid), ...socketsOf(pid)])
      const path = descriptors.get(link)
      if (path !== undefined) return { path, link }
    }
    if (isTaken) return undefined // there is but one for an address, unless they share it
  }
  return undefined
}

/** In which tables, and as what, a listener may stand: bound to this very address, or to all. */
function placesOf(address: string): [Table, string[]][] {
  return [...formsOf(address)].map(([table, form]) => [table, [form, '0'.repeat(form.length)]])
}

const buffer = Buffer.alloc(512)

/**
 * The listening sockets of the network namespace from which is dialled. They stand before all others (proc_net_tcp of the
 * kernel's documentation), for which it goes through a table of some megabytes: hence small reads, and no more of them.
 */
export function* listenersIn(table: Table): Generator<{ local: string; inode: string; uid: number }> {
  const descriptor = openSync(`/proc/net/${table}`, constants.O_RDONLY)
  try {
    let text = ''
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null)
      if (length === 0) return
      const lines = (text + buffer.toString('latin1', 0, length)).split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        const [slot, local = '', , state, , , , uid, , inode = ''] = line.trim().split(/\s+/)
        if (slot === 'sl') continue // the heading
        if (state !== listening) return
        yield { local, inode, uid: Number(uid) }
      }
    }
  } finally {
    closeSync(descriptor)
  }
}

/** `TCP_LISTEN` of the kernel. */
const listening = '0A'

/** The sockets that a process has open, each with where. @throws for another user's process. */
export function socketsOf(pid: number): [link: string, path: string][] {
  const directory = `/proc/${pid}/fd`
  return readdirSync(directory).flatMap((name) => {
    const path = `${directory}/${name}`
    const link = tryTo(() => readlinkSync(path)) // undefined: closed just now
    return link?.startsWith('socket:') ? [[link, path] as [string, string]] : []
  })
}

function parentsDescriptors(pid: number): [link: string, path: string][] {
  const parent = parentOf(pid)
  return (parent !== undefined && tryTo(() => socketsOf(parent))) || []
}

/** Field 4 of `/proc/<pid>/stat`, counted from behind the command, which may hold anything. */
function parentOf(pid: number): number | undefined {
  const text = tryTo(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  const parent = Number(text?.slice(text.lastIndexOf(')') + 2).split(' ')[1])
  return parent > 1 ? parent : undefined
}

/** What a step gives; undefined where it throws. */
export function tryTo<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    return undefined
  }
}
