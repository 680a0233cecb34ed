/**
 * Another process that watches an etcd: a registry in it, as a hub does, and bare keys with the same client (the floor):
 * `etcd-watcher.js <registry's URL> <etcd's URL>`. Sends the time of everything that it hears.
 */
import { createEtcdClient } from '../dist/etcd/client/etcd-client.js'
import { fromBase64, toBase64 } from '../dist/etcd/client/wire.js'
import { openRegistry } from '../dist/registry/index.js'
import { now } from './watching.js'

const [registry = '', etcd = ''] = process.argv.slice(2)

/** @param {object} message */
const send = (message) => process.send?.({ ...message, at: now() })

const client = createEtcdClient({ endpoints: [etcd], certificates: {}, answerMs: 3000 })
const range = { key: toBase64('floor/'), range_end: toBase64('floor0') }
await new Promise((resolve) => {
  void client.watch(range, 1, {
    onMessage({ created, events = [] }) {
      if (created) resolve(undefined)
      for (const { type, kv } of events)
        if (type !== 'DELETE') send({ type: 'floor', id: JSON.parse(fromBase64(kv.value)).id })
    },
    onEnd(error) {
      throw error
    },
  })
})

openRegistry({ registry, onWarning: (warning) => console.error(warning.message) }).watch((event) => {
  if (event.type === 'snapshot') send({ type: 'ready', count: event.entries.length })
  else for (const { type, entry } of event.changes) send({ type, id: entry.id })
})
process.on('disconnect', () => process.exit())
