/**
 * `servers.json` as any program may read it, for checks that change nothing. What the registry makes of it is its own affair.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { isRecord, type Line } from '../../core/index.js'

/** Larger ones the registry sets aside (`PROTOCOL.md`, "servers.json"). */
const maxBytes = 8 * 1024 * 1024

// Absent on Windows, where neither exists.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants

/** Its lines; `missing`, also when it cannot be read, which the check of the modes says; or what is wrong with it. */
export type IndexFile =
  | { readonly lines: readonly Line[] }
  | 'missing'
  | { readonly problem: string; readonly stamp: string }

export function readIndexFile(path: string): IndexFile {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) return 'missing'
    const stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs}`
    if (stats.size > maxBytes) return { problem: `it has ${stats.size} bytes, more than ${maxBytes}`, stamp }
    const read = parse(readFileSync(descriptor, 'utf8'))
    return typeof read === 'string' ? { problem: read, stamp } : { lines: read }
  } catch {
    return 'missing'
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function parse(text: string): readonly Line[] | string {
  if (text.trim() === '') return [] // which is made anew, and nothing in it is lost
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return 'it is not JSON'
  }
  if (!isRecord(value) || !Array.isArray(value.servers)) return 'it has no array "servers"'
  return value.servers.filter(isRecord)
}
