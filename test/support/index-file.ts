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

/** The ids in the index, or undefined when there is none that can be read just now. */
export function indexIdsOrNone(path: string): string[] | undefined {
  try {
    return indexIds(path)
  } catch {
    return undefined
  }
}

export function indexIds(path: string): string[] {
  return readIndex(path)
    .map(({ id }) => id)
    .sort()
}
