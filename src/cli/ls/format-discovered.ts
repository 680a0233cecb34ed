/**
 * The table of what other programs have on record, below that of the registry. Pure.
 */
import type { Discovered } from '../discover/discovered.js'
import { formatAge } from '../text/format-age.js'
import { formatTable } from '../text/format-table.js'
import { withTilde } from '../text/format-where.js'
import type { ListContext } from './format-list.js'

const heading = ['SOURCE', 'NAME', 'PORT', 'PID', 'UP', 'WHERE']

export function formatDiscovered(
  discovered: readonly Discovered[],
  { userHome, now, columns }: Pick<ListContext, 'userHome' | 'now' | 'columns'>,
): string {
  if (discovered.length === 0) return 'No other program has a server on record.\n'
  const rows = discovered.map(({ source, name, port, pid, url, where, startedAt }) => {
    const up = startedAt === undefined ? '-' : formatAge(now.getTime() - Date.parse(startedAt))
    const place = where === undefined ? (url ?? '-') : withTilde(where, userHome)
    return [source, name, String(port), pid === undefined ? '-' : String(pid), up, place].map((text) => ({
      text,
    }))
  })
  return formatTable(heading, [{ rows }], columns)
}
