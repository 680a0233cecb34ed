/**
 * Storybooks: in 2026's versions of 10 and later a file for each in `~/.storybook/instances`, which also holds its token
 * (`runtime-instance-registry.ts` in storybookjs/storybook). An older one is on no record, and is asked for its list of stories at the port that it takes by default.
 */
import { join } from 'node:path'
import { defined } from '../../core/index.js'
import { listenerAt } from '../../registry/index.js'
import type { Discovered, Surroundings } from './discovered.js'
import { fetchText } from './fetch-text.js'
import { momentOf, pidOf, plainUrlOf, portOf, textOf } from './fields.js'
import type { RecordFile } from './read-records.js'
import { recorded } from './recorded.js'

export async function storybook(surroundings: Surroundings): Promise<Discovered[]> {
  const { home, ports, signal } = surroundings
  const found = await recorded(join(home, '.storybook', 'instances'), /\.json$/, surroundings, read)
  const others = ports.storybook
    .filter((port) => !found.some((server) => server.port === port))
    .map((port) => ask(port, signal))
  return [...found, ...(await Promise.all(others)).flat()]
}

function read({ record }: RecordFile): Discovered | undefined {
  const port = portOf(record.port)
  const pid = pidOf(record.pid)
  if (port === undefined || pid === undefined) return undefined
  const address = plainUrlOf(record.url)
  const name = ['Storybook', textOf(record.storybookVersion)].filter(Boolean).join(' ')
  const details = { host: address?.host, url: address?.url, where: textOf(record.cwd) }
  return {
    source: 'storybook',
    name,
    port,
    pid,
    ...defined({ ...details, startedAt: momentOf(record.startedAt) }),
  }
}

/** Of a list of some megabytes, its beginning is enough. */
async function ask(port: number, signal: AbortSignal): Promise<Discovered[]> {
  const text = await fetchText(port, '/index.json', signal)
  if (text === undefined || !/^\s*\{\s*"v"\s*:\s*\d+\s*,\s*"entries"\s*:\s*\{/.test(text)) return []
  const details = defined({ pid: listenerAt(port) })
  return [{ source: 'storybook', name: 'Storybook', port, url: `http://127.0.0.1:${port}/`, ...details }]
}
