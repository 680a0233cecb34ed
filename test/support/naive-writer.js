/**
 * Adds entries to `servers.json` as the spike would, one read, push and `writeFileSync` after the other, without
 * locks: `naive-writer.js <count> <port>`. The entries are this test run's own parent process, so that they live.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(process.env.SHIPYARD_HOME ?? '', 'servers.json')
const [count, port] = process.argv.slice(2).map(Number)

for (let position = 0; position < (count ?? 0); position += 1) {
  const registry = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { servers: [] }
  registry.servers.push({
    id: `naive-${position}`,
    port,
    pid: process.ppid,
    startedAt: new Date().toISOString(),
  })
  writeFileSync(file, JSON.stringify(registry, null, 2))
  await new Promise((resolve) => setImmediate(resolve))
}
