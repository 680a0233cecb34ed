/**
 * Plays a random run of a registry in etcd: a cluster whose members are killed and stopped, servers on one machine, a watcher and a hub
 * on another one, and pages that follow the hub. Judging it is `judge.ts`.
 */
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openEtcdRegistry } from '../../../src/etcd/index.js'
import { type EtcdCluster, leaderOf, startEtcd } from '../../support/etcd.js'
import { inParallel } from '../../support/in-parallel.js'
import { createTestHome, type TestHome } from '../../support/processes.js'
import { type Company, createCompany, gathered } from '../company.js'
import { direct } from '../direct.js'
import { compare, liveRuns, replayed, type View } from '../judge.js'
import { keepRecords, needMemory, startsAtOnce } from '../machine.js'
import { type Action, createSchedule, firstProcesses } from '../schedule.js'
import { now } from './clock.js'
import { type EtcdEvidence, type EtcdJudgement, judgeEtcd } from './judge.js'
import { type EtcdDefect, plantedFor } from './planted.js'
import { type Probe, probeCluster } from './probe.js'
import { recordStore, type StoreRecord } from './store-record.js'
import { createSubscribers, type Subscribers } from './subscribers.js'

export interface EtcdPlayOptions {
  readonly seed: number
  readonly seconds: number
  readonly processes: number
  /** Of the cluster: 1 or 3. One alone is never killed. */
  readonly members: number
  /** The command that starts a program as on another machine, where it sees no pid of this one. */
  readonly elsewhere: readonly string[]
  /** Seconds for which a lease holds. */
  readonly ttl: number
  readonly subscribers: number
  /** One of the planted ones. @default none */
  readonly defect?: EtcdDefect | undefined
  /** Within this time of the last action everything must be quiet, milliseconds. */
  readonly quietMs: number
  readonly onProgress?: (what: string) => void
}

export interface EtcdOutcome extends EtcdJudgement {
  readonly actions: readonly Action[]
  readonly evidence: EtcdEvidence
  /** How long it took from the last action until all was quiet; undefined when it never was. */
  readonly quietAfterMs: number | undefined
  /** Where all records are kept; only of a bad run. */
  readonly keptIn: string | undefined
}

const prefix = 'random'

/** The servers leave the members what they need: no cluster shares two processors with two hundred servers in earnest. */
const niceness = 10

/** So many servers list once more at the end: all at once would only measure the machine. */
const lastLists = 20

/** So often in a row, and so long apart, everything must be in order to count as quiet. */
const looks = 3
const lookMs = 300

/** All who take part. */
interface Stage {
  readonly company: Company
  readonly cluster: EtcdCluster
  readonly url: string
  readonly probe: Probe
  readonly store: StoreRecord
  readonly subscribers: Subscribers
}

export async function playEtcd(options: EtcdPlayOptions): Promise<EtcdOutcome> {
  const { seconds, processes, members, ttl, quietMs, defect, onProgress = () => {} } = options
  needMemory(processes)
  const actions = createSchedule(options).filter((action) => members > 1 || !action.do.endsWith('member'))
  await using home = createTestHome()
  onProgress(`starting ${members} members and ${processes} processes`)
  const stage = await setUp(options, home)
  const { company, store, probe, subscribers } = stage

  onProgress(`playing ${actions.length} actions in ${seconds} s`)
  let seenFrom = Infinity
  /** In the second half somebody sees exits at once; before, a dead one goes with its lease alone. */
  const joining = setTimeout(seconds * 500).then(async () => {
    await company.startOther('watcher.js', { name: 'watcher beside the servers' })
    seenFrom = now()
  })
  await perform(actions, stage)
  await joining
  const start = performance.now()
  onProgress('waiting until all is quiet')
  await company.finish('actions', quietMs)
  await subscribers.settle()
  const isQuiet = await becomesQuiet(stage, start + quietMs)
  const quietAfterMs = isQuiet ? performance.now() - start : undefined
  for (const name of company.alive().slice(0, lastLists)) company.tell(name, { do: 'list' })
  await company.finish('lists', quietMs)
  const list = await listed(stage.url)
  const watchers = new Map(watcherNames.map((name) => [name, [...company.saidBy(name)]]))
  const views = subscribers.views()
  const endedAt = now()
  await store.caughtUp() // with all that those have been told

  const evidence: EtcdEvidence = {
    ...gathered(company),
    stops: company.stops(),
    revisions: store.revisions(),
    measures: probe.measures(),
    ttl,
    watchers,
    seenFrom,
    subscribers: {
      history: subscribers.history(),
      complaints: subscribers.complaints(),
      views,
    },
    listed: list,
    accidents: company.accidents,
    endedAt,
  }
  const judgement = judgeEtcd(evidence)
  const name = `random-run-etcd-${options.seed}${defect === undefined ? '' : `-${defect.replaceAll(' ', '-')}`}`
  const { measures, revisions } = evidence
  const notes = { schedule: actions, remarks: company.remarks, revisions, measures: [measures] }
  const keptIn = judgement.isGood ? undefined : keepRecords(name, dirname(home.path), notes)
  return { ...judgement, actions, evidence, quietAfterMs, keptIn }
}

const watcherNames = ['watcher elsewhere', 'watcher beside the servers']

async function setUp(options: EtcdPlayOptions, home: TestHome): Promise<Stage> {
  const { members, elsewhere, ttl, defect, seed } = options
  const cluster = await startEtcd({ members })
  home.onCleanUp(() => cluster[Symbol.asyncDispose]())
  const url = cluster.registryUrl({ prefix, query: `ttl=${ttl}` })
  const company = createCompany({
    home: home.path,
    directory: join(dirname(home.path), 'records'),
    registry: url,
    niceness,
    planted: plantedFor(defect),
  })
  home.onCleanUp(() => company.end())
  const store = recordStore(cluster, prefix)
  home.onCleanUp(() => store.close())
  const probe = probeCluster(cluster)
  home.onCleanUp(() => probe.close())
  await company.startOther('watcher.js', { name: 'watcher elsewhere', within: elsewhere })
  await company.startOther('etcd/hub.js', { name: 'hub', within: elsewhere })
  const [hub] = company.saidBy('hub').flatMap((remark) => ('url' in remark ? remark.url : []))
  if (hub === undefined) throw new Error('The hub did not say where it is.')
  await inParallel(
    startsAtOnce,
    firstProcesses(options).map((name) => () => company.startWorker(name)),
  )
  const subscribers = createSubscribers(hub, options.subscribers, seed)
  home.onCleanUp(() => subscribers.close())
  return { company, cluster, url, probe, store, subscribers }
}

/** Resolves when all has been begun, and every member is there. */
async function perform(actions: readonly Action[], { company, cluster, probe }: Stage): Promise<void> {
  let restore: (() => Promise<void>) | undefined
  let restoring: Promise<void> = Promise.resolve()
  const harm = async (kind: 'kill' | 'stop', which: 'leader' | number): Promise<void> => {
    await restoring // never two at a time
    const leader = await leaderOf(cluster)
    const member = which === 'leader' ? leader : cluster.member(which)
    const isBack = probe.fault(kind, member === leader)
    if (kind === 'kill') await member.end('SIGKILL')
    else member.signal('SIGSTOP')
    restore = async () => {
      if (kind === 'kill') await member.start()
      else member.signal('SIGCONT')
      isBack()
    }
  }
  let harming: Promise<void> = Promise.resolve()
  await direct(actions, company, (action) => {
    switch (action.do) {
      case 'kill member':
      case 'stop member':
        harming = harm(action.do === 'kill member' ? 'kill' : 'stop', action.which)
        break
      case 'restore member':
        restoring = harming.then(() => restore?.())
    }
  })
  await restoring
}

/** Whether a list, the watchers and the pages come to say what is true, before `deadline`. */
async function becomesQuiet({ company, url, subscribers }: Stage, deadline: number): Promise<boolean> {
  const { records, alive } = gathered(company)
  const live = liveRuns(
    records.flatMap(({ operations }) => operations),
    alive,
  )
  const ids = [...live.keys()].sort().join()
  const isInOrder = async (): Promise<boolean> => {
    const views = [await listed(url), ...watcherNames.map((name) => replayed(company.saidBy(name)).managed)]
    const compared = views.map((view) => compare('', view, live))
    const isRight = compared.every(({ lost, stale }) => lost.length === 0 && stale.length === 0)
    return isRight && subscribers.views().every((view) => view.join() === ids)
  }
  let inOrder = 0
  while (inOrder < looks && performance.now() < deadline) {
    inOrder = (await isInOrder()) ? inOrder + 1 : 0
    if (inOrder < looks) await setTimeout(lookMs)
  }
  return inOrder === looks
}

async function listed(registry: string): Promise<View> {
  await using reader = openEtcdRegistry(registry)
  const entries = await reader.list()
  return new Map(entries.map(({ id, meta }) => [id, [String(meta?.run)]]))
}
