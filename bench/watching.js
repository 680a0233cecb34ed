/**
 * The benchmarks' end of `watcher.js`: starts it, and waits for what it sends.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { end } from './child.js'

/** Time that can be compared between processes of one machine, in milliseconds. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6
}

/**
 * Resolves once the watcher has its first view.
 * @param {string} home
 * @param {string} directory to be followed by bare `fs.watch`
 * @param {string} etcd its URL, to be followed too
 */
export function startWatcher(home, directory = '', etcd = '') {
  return startWatcherOf('watcher.js', [home, directory, etcd])
}

/**
 * The same of another script.
 * @param {string} script
 * @param {readonly string[]} args
 */
export async function startWatcherOf(script, args) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args)
  /** @typedef {{ type: string, id?: string, count?: number, ms?: number, rss?: number, at: number }} Heard */
  /** @type {Heard[]} */
  const kept = []
  /** @type {{ matches: (heard: Heard) => boolean, resolve: (heard: Heard) => void }[]} */
  const waiting = []
  child.on('message', (/** @type {Heard} */ heard) => {
    const position = waiting.findIndex(({ matches }) => matches(heard))
    if (position === -1) kept.push(heard)
    else waiting.splice(position, 1)[0]?.resolve(heard)
  })
  /**
   * What it has said, or will say, of this type and id.
   * @param {string} type
   * @param {string} [id]
   * @returns {Promise<Heard>}
   */
  const heard = (type, id) => {
    const matches = (/** @type {Heard} */ message) =>
      message.type === type && (id === undefined || message.id === id)
    const position = kept.findIndex(matches)
    const [found] = position === -1 ? [] : kept.splice(position, 1)
    return found === undefined
      ? new Promise((resolve) => waiting.push({ matches, resolve }))
      : Promise.resolve(found)
  }
  const { count = 0 } = await heard('ready')
  return {
    count,
    heard,
    async cost() {
      child.send('cost')
      const { ms = Number.NaN, rss = Number.NaN } = await heard('cost')
      return { cpuMs: ms, rss }
    },
    close: () => end(child),
  }
}
