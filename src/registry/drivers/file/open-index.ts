/**
 * Reads an index that other programs may be writing at this moment: a plain `writeFileSync` truncates the file first
 * and fills it afterwards. What is found then is a value like any other; whoever needs an index comes back for it.
 */
import { setTimeout } from 'node:timers/promises'
import { defined, WsyardError } from '../../../core/index.js'
import type { RegistryPaths } from './entry-files.js'
import { type Index, parseIndex } from './index-file.js'
import { type OpenFile, openSafely } from './safe-read.js'

/** Largest index that is read: room for 20,000 entries with a few labels each (0.4 KB a line). */
export const maxIndexBytes: number = 8 * 1024 * 1024

/** How long a file that holds no index must have lain untouched before nobody is writing it: it is broken then. */
export const tornIndexMs = 50

/** How soon to look again for who is writing to be done. */
export const tornStepMs = 5

/** What an index file holds: an index, nothing at all, or something else; or there is no file. */
export type IndexContent = Index | 'missing' | 'empty' | 'corrupt'

export function isIndex(content: IndexContent): content is Index {
  return typeof content === 'object'
}

/** What an open index file holds at this moment. */
export function contentOf(file: OpenFile | undefined): IndexContent {
  if (file === undefined) return 'missing'
  const bytes = readIfFits(file)
  const text = bytes?.toString()
  const index = text === undefined ? undefined : parseIndex(text)
  if (index !== undefined) return { ...index, ...defined({ bytes }) }
  return text?.trim() === '' ? 'empty' : 'corrupt'
}

/**
 * How long, in milliseconds, the index has been as it is now; 0 for one that is in order. One that is being written is
 * another at each look; one that is broken stays as it is.
 */
export type LossClock = (content: IndexContent, file: OpenFile | undefined) => number

export function createLossClock(): LossClock {
  let lost: { readonly stamp: string; readonly since: number } | undefined
  return (content, file) => {
    const stamp = file?.stamp() ?? 'missing'
    if (isIndex(content)) lost = undefined
    else if (lost?.stamp !== stamp) lost = { stamp, since: performance.now() }
    return lost === undefined ? 0 : performance.now() - lost.since
  }
}

/** Opens the index, and closes it after `use`. @throws {WsyardError} as `openSafely` does. */
export function withIndexFile<T>(paths: RegistryPaths, use: (file: OpenFile | undefined) => T): T {
  const file = openSafely(paths.index, maxIndexBytes)
  try {
    return use(file)
  } finally {
    file?.close()
  }
}

/**
 * The index, once whoever is writing it has finished; undefined when there is none that can be used.
 *
 * @throws {WsyardError} as `openSafely` does.
 */
export async function readWholeIndex(paths: RegistryPaths): Promise<Index | undefined> {
  const lostFor = createLossClock()
  for (;;) {
    const [content, ms] = withIndexFile(paths, (file) => {
      const found = contentOf(file)
      return [found, lostFor(found, file)] as const
    })
    if (isIndex(content)) return content
    if (content === 'missing' || ms >= tornIndexMs) return undefined
    await setTimeout(tornStepMs)
  }
}

function readIfFits(file: OpenFile): Buffer | undefined {
  try {
    return file.read()
  } catch (error) {
    if (error instanceof WsyardError) return undefined
    throw error
  }
}
