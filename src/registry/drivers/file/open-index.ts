/**
 * Reads an index that other programs may be writing at this moment: a plain `writeFileSync` truncates the file first
 * and fills it afterwards.
 */
import { defined, type Index, parseIndex, WsyardError } from '../../../core/index.js'
import type { RegistryPaths } from './entry-files.js'
import { type OpenFile, openSafely } from './safe-read.js'

/** Largest index that is read: room for 20,000 entries with a few labels each (0.4 KB a line). */
export const maxIndexBytes: number = 8 * 1024 * 1024

/** How long a half-written index is given to become whole. */
export const settleMs = 50

const stepMs = 2

/** What an index file holds: an index, nothing at all, or something else. */
export type IndexContent = Index | 'empty' | 'corrupt'

export function isIndex(content: IndexContent): content is Index {
  return typeof content === 'object'
}

/**
 * Reads the index without changing anything; undefined when there is none that can be used.
 *
 * @throws {WsyardError} as `openSafely` does.
 */
export function readIndex(paths: RegistryPaths): Index | undefined {
  const file = openSafely(paths.index, maxIndexBytes)
  try {
    const content = file === undefined ? 'empty' : settle(file, settleMs)
    return isIndex(content) ? content : undefined
  } finally {
    file?.close()
  }
}

/** The index in an open file, once whoever is writing it has finished. */
export function settle(file: OpenFile, patience: number): Index | 'empty' | 'corrupt' {
  const start = performance.now()
  for (;;) {
    const bytes = readIfFits(file)
    const text = bytes?.toString()
    const index = text === undefined ? undefined : parseIndex(text)
    if (index !== undefined) return { ...index, ...defined({ bytes }) }
    if (text === undefined || performance.now() - start > patience)
      return text?.trim() === '' ? 'empty' : 'corrupt'
    pause(stepMs)
  }
}

/** Waits without giving up the thread: all of this happens between two turns of the event loop. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

export function readIfFits(file: OpenFile): Buffer | undefined {
  try {
    return file.read()
  } catch (error) {
    if (error instanceof WsyardError) return undefined
    throw error
  }
}
