/**
 * Registries with a defect each, to show that a random run finds it: `spike` is not ours at all, a read-modify-write of
 * `servers.json` without locks; the others are ours, with one thing done wrong.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openRegistry, shipyardHome } from 'wsyard/registry'

/** @typedef {import('wsyard/registry').OpenRegistryOptions} Options */
/** @typedef {import('wsyard/registry').RegisterOptions} RegisterOptions */
/** @typedef {import('wsyard/registry').Entry} Entry */
/** @typedef {Pick<import('wsyard/registry').Registration, 'id' | 'close'>} Registration */

/**
 * What a worker needs of a registry.
 * @typedef {object} Part
 * @property {(options: RegisterOptions) => Promise<Registration>} register
 * @property {() => Promise<Entry[]>} list
 */

/** Every so many times the defect shows. */
const every = 3

/** @type {Record<string, (options: Options) => Part>} */
const defective = {
  spike: openSpike,

  /** Says that a server is registered, and it is not. */
  'loses registrations': (options) => {
    const registry = openRegistry(options)
    const isDue = counter()
    return {
      list: registry.list,
      async register(target) {
        const registration = await registry.register(target)
        if (isDue()) await registration.close()
        return registration
      },
    }
  },

  /** Says that a server is deregistered, and it is not. */
  'keeps entries': (options) => {
    const registry = openRegistry(options)
    const isDue = counter()
    return {
      list: registry.list,
      async register(target) {
        const registration = await registry.register(target)
        if (!isDue()) return registration
        return { ...registration, close: async () => {} }
      },
    }
  },

  /** Lists what it should have listed the time before. */
  'lists the past': (options) => {
    const registry = openRegistry(options)
    /** @type {Entry[] | undefined} */
    let before
    return {
      register: registry.register,
      async list() {
        const entries = await registry.list()
        const past = before ?? entries
        before = entries
        return past
      },
    }
  },

  /** Lists an entry twice. */
  'lists twice': (options) => {
    const registry = openRegistry(options)
    return {
      register: registry.register,
      async list() {
        const entries = await registry.list()
        return [...entries, ...entries.slice(0, 1)]
      },
    }
  },
}

/**
 * @param {string} defect
 * @param {Options} options
 */
export function openDefective(defect, options) {
  const open = defective[defect]
  if (open !== undefined) return open(options)
  throw new TypeError(`There is no defect "${defect}". Choose one of: ${Object.keys(defective).join(', ')}.`)
}

function counter() {
  let count = 0
  return () => {
    count += 1
    return count % every === 0
  }
}

/** @returns {Part} */
function openSpike() {
  const file = join(shipyardHome(), 'servers.json')
  /** @returns {{ servers: Entry[] }} */
  const read = () => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'))
    } catch {
      return { servers: [] }
    }
  }
  const write = (/** @type {object} */ registry) => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(registry, null, 2))
  }
  return {
    async register({ id = '', port, meta }) {
      const registry = read()
      await new Promise((resolve) => setImmediate(resolve))
      // With an `instance`, so that it counts as one of ours.
      const entry = {
        id,
        port,
        pid: process.pid,
        startedAt: new Date().toISOString(),
        meta,
        instance: '0'.repeat(32),
      }
      write({ servers: [...registry.servers.filter(({ id: other }) => other !== id), entry] })
      const close = async () =>
        write({ servers: read().servers.filter((line) => line.meta?.run !== meta?.run) })
      return { id, close }
    },
    async list() {
      return read().servers.filter(({ pid }) => {
        try {
          return process.kill(pid, 0)
        } catch {
          return false
        }
      })
    },
  }
}
