/**
 * Another process that watches: a registry, as a hub does, one directory by bare `fs.watch` (the floor), and an etcd:
 * `watcher.js <home> [<directory> [<etcd's URL>]]`. Sends the time of everything that it hears and, asked for it, what CPU
 * time and memory it has used.
 */
import { readFileSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import { openRegistry } from '../dist/registry/index.js'
import { watchAll } from './etcd.js'
import { now } from './watching.js'

const [home = '', directory = '', etcd = ''] = process.argv.slice(2)

/** @param {object} message */
const send = (message) => process.send?.({ ...message, at: now() })

if (directory !== '') {
  watch(directory, (_event, name) => {
    if (name === null || name.endsWith('.tmp')) return
    try {
      send({ type: 'floor', id: JSON.parse(readFileSync(join(directory, name), 'utf8')).id })
    } catch {
      send({ type: 'floor gone', id: basename(name, '.json') })
    }
  })
}
if (etcd !== '') await watchAll(etcd, (value) => send({ type: 'etcd', id: JSON.parse(value).id }))

openRegistry({ home, onWarning: (warning) => console.error(warning.message) }).watch((event) => {
  if (event.type === 'snapshot') send({ type: 'ready', count: event.entries.length })
  else for (const { type, entry } of event.changes) send({ type, id: entry.id })
})

process.on('message', () => send({ type: 'cost', ms: cpuMs(), rss: process.memoryUsage.rss() }))
process.on('disconnect', () => process.exit())

function cpuMs() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
