/**
 * One of the crowd of `restart-all.js`: is told what to register, how, and when; then registers, and says how it went.
 * Nothing listens on its port.
 */
import { setTimeout } from 'node:timers/promises'
import { openRegistry } from '../dist/registry/index.js'
import { createLockedFile } from './locked-file.js'
import { addAsSpike } from './spike-file.js'
import { now } from './watching.js'

/** @typedef {{ way: string, path: string, id: string, at: number }} Order */

/** @type {import('../dist/registry/index.js').Registry | undefined} */
let registry

/** @type {Record<string, (order: Order) => unknown>} */
const ways = {
  async wsyard({ path, id }) {
    registry = openRegistry({ home: path, onWarning: ({ message }) => console.error(message) })
    await registry.register({ port: 8080, id })
  },
  'locked file': ({ path, id }) => createLockedFile(path).add(lineOf(id)),
  'the spike': ({ path, id }) => addAsSpike(path, lineOf(id)),
  leave: () => registry?.close(),
}

process.on('message', async (/** @type {Order} */ order) => {
  await setTimeout(Math.max(0, order.at - now()))
  let hasWorked = true
  try {
    await ways[order.way]?.(order)
  } catch {
    hasWorked = false
  }
  process.send?.({ hasWorked, at: now() })
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** @param {string} id */
function lineOf(id) {
  return { id, port: 8080, pid: process.pid, startedAt: new Date().toISOString() }
}
