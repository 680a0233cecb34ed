/**
 * A `servers.json` that is no index: who reads it finds no server, or an error.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Check } from '../finding.js'
import { type IndexFile, readIndexFile } from '../index-file.js'
import { tend } from '../tend.js'

/** What is being written just now is another at a second look. */
const secondLookMs = 100

export const indexFile: Check = {
  name: 'index',
  well: 'servers.json can be read.',
  async look({ home }) {
    const path = join(home, 'servers.json')
    const first = readIndexFile(path)
    if (!isBroken(first)) return []
    await pause(secondLookMs)
    const second = readIndexFile(path)
    if (!isBroken(second) || second.stamp !== first.stamp) return []
    return [
      {
        level: 'problem',
        what: `${path} is no index of a registry: ${second.problem}.`,
        cure: `wsyard doctor --repair sets it aside and makes it anew of the files in servers.d. What else stood in it must be brought back by hand, or by its servers.`,
        where: path,
        async repair() {
          const warnings = await tend(home, () => !isBroken(readIndexFile(path)))
          const aside = warnings.find(({ code }) => code === 'WSYARD_ERR_INDEX_CORRUPT')?.path
          return aside === undefined
            ? `${path} has been made anew meanwhile.`
            : `Set ${path} aside as ${aside} and made it anew.`
        },
      },
    ]
  },
}

function isBroken(read: IndexFile): read is Extract<IndexFile, { problem: string }> {
  return read !== 'missing' && 'problem' in read
}
