/**
 * Reads what several commands are given as values of options. Each throws what commander prints beside the option's name.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { isRecord, type Meta } from '../core/index.js'

export function readName(text: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,127}$/.test(text)) return text
  throw new InvalidArgumentError(
    'It must be a letter or digit, then up to 127 of letters, digits, _ . and -.',
  )
}

/** One label, added to those before it. */
export function readMeta(text: string, earlier?: unknown): Meta {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (key === undefined) throw new InvalidArgumentError('It must be as in team=blue.')
  return { ...(isRecord(earlier) ? earlier : {}), [key]: value }
}

/** The path of a WebSocket endpoint. */
export function readPath(text: string): string {
  if (/^\/[\x21\x22\x24-\x7e]{0,1023}$/.test(text)) return text
  throw new InvalidArgumentError('It must start with / and hold no spaces or #; write those as %20 and %23.')
}

/** A subprotocol, added to those before it. */
export function readProtocol(text: string, earlier: readonly string[] = []): readonly string[] {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(text))
    throw new InvalidArgumentError("It must be letters, digits and !#$%&'*+.^_`|~- only.")
  return [...new Set([...earlier, text])]
}

/** A directory, by which a project is meant. Returns its absolute path. */
export function readScope(text: string): string {
  try {
    if (statSync(text).isDirectory()) return resolve(text)
  } catch {
    // nothing is there, or it is seen from a working directory that has been removed
  }
  throw new InvalidArgumentError('It must be a directory that is there.')
}

export function readPid(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be the number of a process.')
}

/** A port at which something listens. */
export function readPort(text: string): number {
  const port = Number(text)
  if (/^[1-9]\d{0,4}$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a whole number from 1 to 65535.')
}

/** Where a hub is, and what it asks for. */
export interface HubAddress {
  /** As `http://127.0.0.1:9793`. */
  readonly origin: string
  /** What its link had behind the #. */
  readonly token: string | undefined
}

/** Reads the address of a hub, or the link to its page that has the token in it. */
export function readHubAddress(text: string): HubAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('It must be a URL, as http://localhost:5173.')
  const token = /^#token=([\w-]{43})$/.exec(url.hash)?.[1]
  if (token === undefined && url.hash !== '')
    throw new InvalidArgumentError(
      'What stands behind its # is no token: copy the whole link that the hub printed.',
    )
  return { origin: url.origin, token }
}
