/**
 * The peer of the benchmarks: one JSON file for all servers, as programs keep it that lock. The lock is a file that only
 * one can make; whoever finds it there tries again later, and ever later. Nobody takes it away from one that was killed.
 */
import { closeSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** @typedef {{ id: string }} Server */

/** @param {string} path of a file that is there */
export function createLockedFile(path) {
  /** @param {(servers: Server[]) => Server[]} change */
  const update = async (change) => {
    const lock = await take(`${path}.lock`)
    const { servers } = JSON.parse(readFileSync(path, 'utf8'))
    writeAndRename(`${path}.tmp`, path, jsonOf({ servers: change(servers) }))
    closeSync(lock)
    unlinkSync(`${path}.lock`)
  }
  return {
    add: (/** @type {Server} */ server) => update((servers) => [...servers, server]),
    remove: (/** @type {string} */ id) => update((servers) => servers.filter((server) => server.id !== id)),
  }
}

/** @param {object} value */
export function jsonOf(value) {
  return `${JSON.stringify(value, null, 2)}\n`
}

/**
 * Four calls, and the floor of all that put a whole file in its place.
 * @param {string} temporary
 * @param {string} path
 * @param {string} text
 */
export function writeAndRename(temporary, path, text) {
  const descriptor = openSync(temporary, 'wx', 0o600)
  writeSync(descriptor, text)
  closeSync(descriptor)
  renameSync(temporary, path)
}

/** How long to wait for the lock, at first and at most, in milliseconds: a crowd that only asks gets nowhere. */
const [firstWaitMs, maxWaitMs] = [1, 32]

/** @param {string} lock */
async function take(lock) {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, maxWaitMs)) {
    try {
      return openSync(lock, 'wx')
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    await setTimeout(waitMs * (0.5 + Math.random()))
  }
}
