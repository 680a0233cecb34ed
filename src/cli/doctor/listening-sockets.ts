/**
 * Where the processes of this user listen. Linux alone says so at once, in `/proc` (proc_net_tcp of the kernel's documentation).
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Entry } from '../../core/index.js'

/** A socket, and one process that has it open: children may inherit it, and then each counts. */
export interface ListeningSocket {
  readonly pid: number
  /** An address, which may be one that stands for all: `0.0.0.0` or `::`. */
  readonly host: string
  readonly port: number
}

/** `TCP_LISTEN` of the kernel. */
const listening = '0A'

/** Every socket on which a process of this user listens, by pid; undefined where the system does not say. Never throws. */
export function listeningSockets(): ListeningSocket[] | undefined {
  if (process.platform !== 'linux') return undefined
  const places = new Map<string, { host: string; port: number }>()
  for (const table of ['tcp', 'tcp6'] as const) {
    const [, ...rows] = tryTo(() => readFileSync(`/proc/net/${table}`, 'latin1').trim().split('\n')) ?? []
    for (const row of rows) {
      const [, local = '', , state, , , , uid, , inode = ''] = row.trim().split(/\s+/)
      if (state === listening && Number(uid) === process.getuid?.())
        places.set(`socket:[${inode}]`, placeOf(local))
    }
  }
  return pids().flatMap((pid) =>
    linksOf(pid).flatMap((link) => {
      const place = places.get(link)
      return place === undefined ? [] : [{ pid, ...place }]
    }),
  )
}

/** The addresses at which the process of an entry has its port; none where that is not known. */
export function hostsOf({ pid, port }: Entry, sockets: readonly ListeningSocket[] = []): string[] {
  return sockets.filter((socket) => socket.pid === pid && socket.port === port).map(({ host }) => host)
}

function pids(): number[] {
  const names = tryTo(() => readdirSync('/proc')) ?? []
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

/** What a process has open; nothing of another user's, or of one that has just ended. */
function linksOf(pid: number): string[] {
  const directory = `/proc/${pid}/fd`
  const names = tryTo(() => readdirSync(directory)) ?? []
  return names.flatMap((name) => tryTo(() => readlinkSync(`${directory}/${name}`)) ?? [])
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

function tryTo<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    return undefined
  }
}
