/** The words of a random run: how to replay it, what was done, and what was found. */
import type { Outcome, PlayOptions } from './play.js'

/** How many findings of a kind are named. */
const maxNamed = 20

/** The command that plays the same again. */
export function replayCommand({ seed, seconds, processes, defect }: PlayOptions): string {
  const planted = defect === undefined ? '' : ` --defect '${defect}'`
  return `npm run test:random -- --seed ${seed} --seconds ${seconds} --processes ${processes}${planted}`
}

/** A line of a table. */
export type Row = [what: string, value: number | string]

export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([what]) => what.length))
  return rows.map(([what, value]) => `${what.padEnd(width)}  ${value}`).join('\n')
}

/** What was found, by kind, a line each. */
export function findingsOf(lists: readonly [what: string, list: readonly string[]][]): string[] {
  return lists.flatMap(([what, list]) => [
    ...list.slice(0, maxNamed).map((finding) => `${what}: ${finding}`),
    ...(list.length > maxNamed ? [`${what}: and ${list.length - maxNamed} more`] : []),
  ])
}

export function report(options: PlayOptions, outcome: Outcome): string {
  const { findings, isGood, keptIn, quietAfterMs } = outcome
  const lists = Object.entries<readonly string[]>({ ...findings })
  const quiet = quietAfterMs === undefined ? 'never' : `after ${(quietAfterMs / 1000).toFixed(1)} s`
  const table = tableOf([
    ['seed', options.seed],
    ['processes, seconds', `${options.processes}, ${options.seconds}`],
    ...counts(outcome),
    ['live servers at the end', outcome.liveServers],
    ['all quiet', quiet],
    ["reads torn by the naive writer's own writes", outcome.tornByNaiveWriter],
    ...lists.map(([what, list]): Row => [what, list.length]),
  ])
  if (isGood) return table
  const next = [`Replay it: ${replayCommand(options)}`, `Its schedule and records are in ${keptIn}`]
  return [table, '', ...findingsOf(lists), '', ...next].join('\n')
}

function counts({ actions, evidence }: Outcome): Row[] {
  const operations = evidence.records.flatMap((record) => record.operations)
  const registers = operations.filter((one) => one.kind === 'register')
  const done = (result: string): number => registers.filter((one) => one.result === result).length
  const planned = (kind: string): number => actions.filter((action) => action.do === kind).length
  const read = evidence.remarks.find((remark) => 'counts' in remark)?.counts
  const events = evidence.remarks.filter((remark) => 'event' in remark)
  return [
    [
      'register',
      `${registers.length} (ok ${done('ok')}, taken ${done('taken')}, cut short ${done('unknown')})`,
    ],
    ['deregister', operations.filter((one) => one.kind === 'deregister').length],
    ['list', operations.filter((one) => one.kind === 'list').length],
    ['SIGKILL', planned('kill')],
    ['SIGTERM', planned('end')],
    ['SIGSTOP and SIGCONT', planned('stop')],
    ['naive writes', evidence.remarks.filter((remark) => 'wrote' in remark).length],
    ['rm servers.json', planned('rm index')],
    ['rm -r of the home', planned('rm home')],
    ["watcher's events", events.length],
    ['reads of the index, of entries', `${read?.indexReads}, ${read?.entryReads}`],
  ]
}
