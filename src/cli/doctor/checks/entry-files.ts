/**
 * Files in `servers.d` that do not hold the entry of their name.
 */
import { lstatSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { isRecord } from '../../../core/index.js'
import { readText } from '../../discover/read-records.js'
import type { Check, Found } from '../finding.js'
import { setAside } from '../set-aside.js'
import { lookAround, type Surroundings } from '../surroundings.js'

export const entryFiles: Check = {
  name: 'entry-files',
  well: 'Every file in servers.d holds the entry of its name.',
  look: async (surroundings) => brokenFiles(surroundings).map((broken) => asFound(broken, surroundings)),
}

function brokenFiles({ warnings }: Pick<Surroundings, 'warnings'>): Broken[] {
  const broken = new Map<string, Broken>()
  for (const { code, path, message } of warnings) {
    const isBroken = code === 'WSYARD_ERR_ENTRY_CORRUPT' || code === 'WSYARD_ERR_FILE_REFUSED' // which may be for its size
    if (isBroken && path !== undefined && isOwn(path))
      broken.set(path, { path, problem: problemIn(message, path) })
  }
  return [...broken.values()]
}

interface Broken {
  readonly path: string
  readonly problem: string
}

/** Of a message as "Skipped <path>: <problem>. <advice>" the problem. */
function problemIn(message: string, path: string): string {
  return message.slice(message.indexOf(path) + path.length + 2).split(/\. (?=[A-Z])/)[0] ?? message
}

/** Whether it is a plain file of this user in a directory that is one: what is behind a link is not the registry's. */
function isOwn(path: string): boolean {
  const [file, directory] = [path, dirname(path)].map((one) => lstatSync(one, { throwIfNoEntry: false }))
  const isTheirs = process.getuid !== undefined && file?.uid !== process.getuid()
  return file?.isFile() === true && directory?.isDirectory() === true && !isTheirs
}

/** Whether it is an entry of its name as far as every version has it, so that a newer one may have written what this one does not take. */
function isOfNewerVersion(path: string): boolean {
  const { id, port, pid, startedAt, instance } = recordIn(path)
  const isEntry =
    id === basename(path, '.json') && typeof startedAt === 'string' && typeof instance === 'string'
  return isEntry && [port, pid].every((number) => Number.isInteger(number))
}

function recordIn(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readText(path) ?? '')
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

function asFound({ path, problem }: Broken, surroundings: Surroundings): Found {
  if (isOfNewerVersion(path)) {
    const what = `${path} holds an entry that this version of wsyard does not take: ${problem}. A newer one may have written it.`
    return {
      level: 'note',
      what,
      cure: 'Install the same version of wsyard everywhere, here the newest.',
      where: path,
    }
  }
  return {
    level: 'problem',
    what: `${path} holds no entry of its name: ${problem}.`,
    cure: 'wsyard doctor --repair sets it aside. If its server lives, that writes it anew within seconds.',
    where: path,
    async repair() {
      const now = brokenFiles(await lookAround(surroundings))
      if (!now.some((one) => one.path === path)) return `${path} is in order now.`
      return `Set ${path} aside as ${setAside(path)}.`
    },
  }
}
