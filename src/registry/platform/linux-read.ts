/**
 * Linux: reads the small files of `/proc` that are looked at often.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs'

/** The line of a process in `stat` has some 300 bytes, the longest of the others 500. The kernel gives them whole by one read. */
const buffer = Buffer.alloc(1024)

/** What a file begins with; undefined where it cannot be read. Three calls in the place of the six of `readFileSync`. */
export function readOnce(path: string): string | undefined {
  try {
    const descriptor = openSync(path, constants.O_RDONLY)
    try {
      return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, null))
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}
