/**
 * Registries as the benchmarks find them: so many entries of servers that look alive, in `servers.d` and in the index.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { here, processFacts } from '../dist/registry/process-facts.js'

let count = 0

/**
 * An entry of this process, or of another that lives.
 * @param {number} pid
 */
export function newEntry(pid = process.pid) {
  count += 1
  return {
    id: `server-${Date.now()}-${count.toString(36).padStart(6, '0')}`,
    port: 1024 + (count % 60_000),
    pid,
    startedAt: new Date().toISOString(),
    name: `worker-${count}`,
    host: '127.0.0.1',
    auth: /** @type {const} */ ('open'),
    instance: randomBytes(16).toString('hex'),
    machine: here().machine,
    processStart: processFacts(pid).processStart ?? '',
    state: /** @type {const} */ ('up'),
  }
}

/**
 * Returns the ids.
 * @param {string} home
 * @param {number} size
 * @param {readonly number[]} pids of processes that live, to share the entries between them
 * @param {number} [port] that all of them have; without it each has another
 */
export function fillRegistry(home, size, pids = [process.pid], port) {
  mkdirSync(join(home, 'servers.d'), { recursive: true, mode: 0o700 })
  const lines = Array.from({ length: size }, (_, position) => {
    const { state: _state, ...entry } = newEntry(pids[position % pids.length])
    const file = { ...entry, port: port ?? entry.port }
    writeFileSync(join(home, 'servers.d', `${file.id}.json`), `${JSON.stringify(file, null, 2)}\n`, {
      mode: 0o600,
    })
    const { machine: _machine, processStart: _start, ...line } = file
    return line
  })
  writeFileSync(join(home, 'servers.json'), `${JSON.stringify({ servers: lines }, null, 2)}\n`, {
    mode: 0o600,
  })
  return lines.map(({ id }) => id)
}
