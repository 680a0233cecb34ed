/**
 * The table that `wsyard list` prints.
 */
import { styleText } from 'node:util'
import type { Entry } from '../registry/index.js'

export interface ListContext {
  /** The registry's directory, named when it is empty. */
  home: string
  now: Date
}

/** A line for each server under a heading, or what to do when there is none. */
export function formatList(entries: readonly Entry[], { home, now }: ListContext): string {
  if (entries.length === 0)
    return `No servers are registered in ${home}.\nOne joins with createServer() from wsyard/server.\n`
  const heading = ['ID', 'NAME', 'PORT', 'PID', 'STATE', 'UP SINCE']
  const rows = entries.map((entry) => [
    entry.id,
    entry.name ?? '-',
    String(entry.port),
    String(entry.pid),
    entry.state,
    entry.startedAt === undefined ? '-' : `${formatAge(now.getTime() - Date.parse(entry.startedAt))} ago`,
  ])
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${[styleText('bold', line(heading)), ...rows.map(line)].join('\n')}\n`
}

/** A duration in its largest whole unit. */
function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}
