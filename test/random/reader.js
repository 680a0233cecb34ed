/**
 * Reads the files of a registry all the time in a random run, as any program may, and tells its parent of those that
 * are not whole and of ids that stand in the index twice. Who tore a file is not decided here.
 */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const home = process.env.SHIPYARD_HOME ?? ''
const index = join(home, 'servers.json')
const entries = join(home, 'servers.d')
const now = () => Number(process.hrtime.bigint())
const counts = { indexReads: 0, entryReads: 0 }
let isOver = false

/** Several files of `servers.d` for one of the index, which is read again at once. */
const slice = 20

/** Leaves the others some of the machine. */
const pauseMs = 5

/**
 * What a whole file has. Nothing checks it: where something else stands, looking at it throws, and that is not whole either.
 * @typedef {{ id: string, instance?: string, servers: { id: string, instance?: string }[] }} Whole
 */

/**
 * @param {string} path
 * @param {(value: Whole) => boolean} isWhole
 */
function look(path, isWhole) {
  const invoked = now()
  /** @type {number} */
  let descriptor
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return false
    throw error
  }
  try {
    const { ino } = fstatSync(descriptor)
    const text = readFileSync(descriptor, 'utf8')
    try {
      if (isWhole(JSON.parse(text))) return true
    } catch {
      // It is not JSON, and so not whole.
    }
    process.send?.({ torn: path, inode: ino, invoked, returned: now(), text: text.slice(0, 2000) })
    return true
  } finally {
    closeSync(descriptor)
  }
}

function lookAtIndex() {
  const isThere = look(index, ({ servers }) => {
    if (!Array.isArray(servers)) return false
    const ids = servers.filter(({ instance }) => instance !== undefined).map(({ id }) => id)
    const twice = ids.filter((id, position) => ids.indexOf(id) !== position)
    if (twice.length > 0) process.send?.({ at: now(), twice })
    return true
  })
  if (isThere) counts.indexReads += 1
}

/** @returns {string[]} */
function entryNames() {
  try {
    return readdirSync(entries).filter((name) => !name.startsWith('.'))
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return []
    throw error
  }
}

process.on('message', () => {
  isOver = true
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: 'reader' })
while (!isOver) {
  const names = entryNames()
  lookAtIndex()
  for (const [position, name] of names.entries()) {
    const id = name.slice(0, -'.json'.length)
    const isWhole = (/** @type {Whole} */ entry) =>
      entry.id === id && /^[0-9a-f]{32}$/.test(entry.instance ?? '')
    if (look(join(entries, name), isWhole)) counts.entryReads += 1
    if (position % slice === slice - 1) {
      lookAtIndex()
      await setTimeout(pauseMs)
    }
  }
  await setTimeout(pauseMs)
}
process.send?.({ counts })
