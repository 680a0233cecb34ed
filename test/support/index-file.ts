/** Reads `servers.json` as any program would. */
import { readFileSync } from 'node:fs'

export interface IndexEntry {
  id: string
  port: number
  pid: number
  [field: string]: unknown
}

export function readIndex(path: string): IndexEntry[] {
  const { servers } = JSON.parse(readFileSync(path, 'utf8')) as { servers: IndexEntry[] }
  return servers
}

export function indexIds(path: string): string[] {
  return readIndex(path)
    .map(({ id }) => id)
    .sort()
}
