/**
 * Devtools that are made with devframe, of which Vite DevTools is one user: a file for each server of its own in `~/.devframe/instances`
 * (`instance-registry.ts` in devframes/devframe).
 */
import { join } from 'node:path'
import { defined } from '../../core/index.js'
import type { Discovered, Surroundings } from './discovered.js'
import { momentOf, pidOf, plainUrlOf, portOf, textOf } from './fields.js'
import type { RecordFile } from './read-records.js'
import { recorded } from './recorded.js'

export function devframe(surroundings: Surroundings): Promise<Discovered[]> {
  const { home, env } = surroundings
  const directory = env.DEVFRAME_INSTANCES_DIR || join(home, '.devframe', 'instances')
  return recorded(directory, /^[^.].*\.json$/, surroundings, read)
}

function read({ record }: RecordFile): Discovered | undefined {
  const port = portOf(record.port)
  const pid = pidOf(record.pid)
  const name = textOf(record.name) ?? textOf(record.id)
  if (port === undefined || pid === undefined || name === undefined) return undefined
  const address = plainUrlOf(`${textOf(record.origin) ?? ''}${textOf(record.basePath) ?? '/'}`)
  const details = { host: address?.host, url: address?.url, where: textOf(record.rootDir) }
  return {
    source: 'devframe',
    name,
    port,
    pid,
    ...defined({ ...details, startedAt: momentOf(record.startedAt) }),
  }
}
