/** The words of a random run over etcd: how to replay it, what was done, and what was found. */
import { findingsOf, type Row, tableOf } from '../report.js'
import { millisecond, second } from './clock.js'
import type { EtcdOutcome, EtcdPlayOptions } from './play.js'
import { standstill } from './probe.js'

/** The command that plays the same again. */
export function replayEtcdCommand({ members, seed, seconds, processes, defect }: EtcdPlayOptions): string {
  const planted = defect === undefined ? '' : ` --defect '${defect}'`
  return `npm run test:random -- --etcd ${members} --seed ${seed} --seconds ${seconds} --processes ${processes}${planted}`
}

export function reportEtcd(options: EtcdPlayOptions, outcome: EtcdOutcome): string {
  const { findings, isGood, keptIn, quietAfterMs } = outcome
  const quiet = quietAfterMs === undefined ? 'never' : `after ${(quietAfterMs / 1000).toFixed(1)} s`
  const lists = Object.entries<readonly string[]>({ ...findings })
  const table = tableOf([
    ['seed', options.seed],
    [
      'members, processes, seconds, ttl',
      `${options.members}, ${options.processes}, ${options.seconds}, ${options.ttl} s`,
    ],
    ...counts(outcome),
    ['live servers at the end', outcome.liveServers],
    ['all quiet', quiet],
    ...lists.map(([what, list]): Row => [what, list.length]),
  ])
  if (isGood) return table
  const next = [`Replay it: ${replayEtcdCommand(options)}`, `Its schedule and records are in ${keptIn}`]
  return [table, '', ...findingsOf(lists), '', ...next].join('\n')
}

function counts(outcome: EtcdOutcome): Row[] {
  const { actions, evidence, reasons, slowest } = outcome
  const { records, measures, watchers, subscribers, revisions, stops, ttl } = evidence
  const operations = records.flatMap((record) => record.operations)
  const registers = operations.filter((one) => one.kind === 'register')
  const done = (result: string): number => registers.filter((one) => one.result === result).length
  const planned = (kind: string): number => actions.filter((action) => action.do === kind).length
  const faults = (kind: string): string => {
    const some = measures.faults.filter((fault) => fault.kind === kind)
    return `${some.length} (${some.filter(({ wasLeader }) => wasLeader).length} of the leader)`
  }
  const long = stops.filter(({ invoked, returned }) => returned - invoked > ttl * second).length
  const connections = subscribers.history.flat()
  const still = standstill(measures, { invoked: 0, returned: Infinity })
  const ms = (time: number): string => `${(time / millisecond).toFixed(0)} ms`
  return [
    [
      'register',
      `${registers.length} (ok ${done('ok')}, taken ${done('taken')}, failed ${done('failed')}, cut short ${done('unknown')})`,
    ],
    ['deregister', operations.filter((one) => one.kind === 'deregister').length],
    ['list', operations.filter((one) => one.kind === 'list').length],
    ['SIGKILL, SIGTERM', `${planned('kill')}, ${planned('end')}`],
    ['SIGSTOP and SIGCONT', `${planned('stop')} (${long} for longer than a lease holds)`],
    ['members killed', faults('kill')],
    ['members stopped', faults('stop')],
    ['elections', measures.elections.length],
    ['longest without a write', ms(still)],
    ['revisions of the registry', revisions.length],
    [
      'entries gone',
      [...reasons]
        .map(([reason, count]) => `${reason} ${count}`)
        .sort()
        .join(', '),
    ],
    ['came back after their lease', outcome.cameBack],
    ['revoked by a former leader (etcd #15247)', outcome.revokedByFormerLeader],
    ['a dead one was there at most', ms(outcome.longestDead)],
    [
      "watchers' events",
      [...watchers.values()].map((said) => said.filter((one) => 'event' in one).length).join(' and '),
    ],
    ['slowest event', ms(slowest)],
    [
      'subscribers, connections, messages',
      `${subscribers.history.length}, ${connections.length}, ${connections.reduce((sum, one) => sum + one.messages.length, 0)}`,
    ],
  ]
}
