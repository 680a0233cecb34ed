/**
 * How an entry is written for other machines, and what it means to the one that reads it: where the server is dialled from there, and which
 * machine it is on. Whoever may write below the prefix may have written anything.
 */
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import {
  entryToFile,
  isLoopbackHost,
  isRecord,
  type ManagedEntry,
  type OnWarning,
  parseAuthority,
  Token,
  tokenPattern,
  WsyardError,
} from '../core/index.js'
import { here, maxEntryBytes, parseManagedEntry } from '../registry/drivers/index.js'
import { type Base64, toBase64 } from './client/wire.js'
import { isTooLarge, parseValue } from './parse-value.js'
import type { Seal } from './seal.js'

export interface EntryFormat {
  /** The same entry always gives the same text, by which a run knows its own. */
  write(entry: ManagedEntry): Base64
  /** Reads the entry of an id; a text says why there is none. */
  read(id: string, value: Base64 | undefined): ManagedEntry | string
}

export interface EntryFormatOptions {
  /** As entries say where they come from. */
  readonly source: string
  readonly prefix: string
  /** With what tokens are sealed; without it none is written. */
  readonly seal: Seal | undefined
  readonly onWarning: OnWarning
}

export function createEntryFormat({ source, prefix, seal, onWarning }: EntryFormatOptions): EntryFormat {
  const own = { machine: here().machine, written: thisMachine(), hostname: hostname() }
  /** A token is bound to all that is said beside it. */
  const contextOf = (fields: object): string => `${prefix}\n${JSON.stringify(fields)}`

  const tokenOf = (id: string, sealed: unknown, fields: object): Token | undefined => {
    if (typeof sealed !== 'string' || seal === undefined) return undefined
    const token = seal.open(sealed, contextOf(fields))
    if (token !== undefined && tokenPattern.test(token)) return new Token(token)
    onWarning(sealedOtherwise(id))
    return undefined
  }

  return {
    write(entry) {
      const { token, ...rest } = entryToFile(entry)
      const machine = entry.machine === own.machine ? own.written : entry.machine
      const fields = { ...rest, machine, hostname: own.hostname }
      const sealedToken = typeof token === 'string' ? seal?.seal(token, contextOf(fields)) : undefined
      return toBase64(JSON.stringify({ ...fields, sealedToken }))
    },
    read(id, value) {
      const json = parseValue(value)
      if (json === undefined)
        return isTooLarge(value) ? `it has more than ${maxEntryBytes} bytes` : 'it is no JSON'
      const { sealedToken, token: _, ...fields } = isRecord(json) ? json : {}
      const parsed = parseManagedEntry(isRecord(json) ? fields : json)
      if (!parsed.ok) return parsed.problem
      const { entry } = parsed
      if (entry.id !== id) return `it holds the entry "${entry.id}"`
      if (entry.machine === undefined) return 'machine is missing' // or its pid would be one of every machine
      const token = tokenOf(id, sealedToken, fields)
      const place =
        entry.machine === own.written ? { machine: own.machine } : placeElsewhere(entry, fields.hostname)
      return { ...entry, ...place, ...(token && { token }), source }
    },
  }
}

/**
 * What an entry says of this machine. Copies of one disk are machines of one name, whose processes have nothing to do with each other, and
 * what has a network of its own has another loopback: so it also tells one run of the system, and one network, from the others.
 */
function thisMachine(): string {
  const { machine, boot, network } = here()
  const [host, space] = machine.split('.')
  const run = createHash('sha256').update([host, boot, network].join(' ')).digest('hex').slice(0, 16)
  return `${run}.${space}`
}

/** Where a server of another machine is dialled, in the place of where it listens there; and the name of its machine where it is not. */
function placeElsewhere({ advertise = '' }: ManagedEntry, name: unknown): { host: string; port?: number } {
  const { host, port } = parseAuthority(advertise) ?? {}
  if (host !== undefined && port !== undefined) return { host, port }
  const isName = typeof name === 'string' && /^[a-z\d][a-z\d.-]{0,252}$/i.test(name) && !isLoopbackHost(name)
  return { host: isName && !/^[\d.]+$/.test(name) ? name : namelessHost }
}

/** Names nothing, here and anywhere (RFC 6761). */
const namelessHost = 'another-machine.invalid'

function sealedOtherwise(id: string): WsyardError {
  const message = `The token of "${id}" in etcd is not opened by this key, or what stands beside it has been changed: the server is not connected to. Give all machines the same secret-file.`
  return new WsyardError('WSYARD_ERR_NO_TOKEN', message, { id })
}
