/**
 * Plays a random run: starts the processes, does what the schedule says when it says it, waits until all is quiet, and
 * gathers the evidence. Judging it is `judge.ts`.
 */
import { type ChildProcess, execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { inParallel } from '../support/in-parallel.js'
import type { Timed } from '../support/linearize.js'
import { createTestHome } from '../support/processes.js'
import { type Company, createCompany, gathered } from './company.js'
import { direct } from './direct.js'
import { compare, type Evidence, type Judgement, judge, liveRuns, replayed } from './judge.js'
import { keepRecords, needMemory, startsAtOnce } from './machine.js'
import { type Action, createSchedule, firstProcesses, type ScheduleOptions } from './schedule.js'

export interface PlayOptions extends ScheduleOptions {
  /** One of `defective-registries.js`, in the place of ours. */
  readonly defect?: string | undefined
  /**
   * Within this time of the last action everything must be quiet.
   * @default 30_000
   */
  readonly quietMs?: number
  readonly onProgress?: (what: string) => void
}

export interface Outcome extends Judgement {
  readonly actions: readonly Action[]
  readonly evidence: Evidence
  /** How long it took from the last action until all was quiet; undefined when it never was. */
  readonly quietAfterMs: number | undefined
  /** Where all records are kept; only of a bad run. */
  readonly keptIn: string | undefined
}

/** So often in a row, and so long apart, everything must be in order to count as quiet. */
const looks = 3
const lookMs = 500

/**
 * How long entries may be missing after the home was removed: a server looks every six seconds at the latest, unless it
 * has been stopped, for eight at the longest; and the machine is busy.
 */
const healMs = 20_000

const now = (): number => Number(process.hrtime.bigint())

export async function play(options: PlayOptions): Promise<Outcome> {
  const { quietMs = 30_000, onProgress = () => {} } = options
  needMemory(options.processes)
  const actions = createSchedule(options)
  await using home = createTestHome()
  const directory = join(dirname(home.path), 'records')
  const company = createCompany({ home: home.path, directory, defect: options.defect })
  home.onCleanUp(() => company.end())

  onProgress(`starting ${options.processes} processes`)
  await company.startOther('watcher.js')
  const naive = await company.startOther('naive-writer.js')
  const names = firstProcesses(options)
  await inParallel(
    startsAtOnce,
    names.map((name) => () => company.startWorker(name)),
  )
  const reader = await company.startOther('reader.js')

  onProgress(`playing ${actions.length} actions in ${options.seconds} s`)
  const losses = await perform(actions, company, naive, home.path)
  const start = performance.now()
  onProgress('waiting until all is quiet')
  await company.finish('actions', quietMs)
  const isQuiet = await becomesQuiet(company, home.path, start + quietMs)
  const quietAfterMs = isQuiet ? performance.now() - start : undefined
  const healed = now() // or never: from here on nothing excuses a missing entry
  for (const name of company.alive()) company.tell(name, { do: 'list' })
  await company.finish('lists', quietMs)
  reader.send('stop')
  while (reader.connected && !company.remarks.some((remark) => 'counts' in remark))
    await Promise.race([once(reader, 'message'), once(reader, 'exit')])

  const evidence: Evidence = {
    ...gathered(company),
    losses: losses.map(({ invoked, returned }) => ({ invoked, returned: Math.min(healed, returned) })),
    remarks: company.remarks,
    accidents: company.accidents,
    ...viewsOf(home.path),
  }
  const judgement = judge(evidence)
  const { seed, defect } = options
  const name = `random-run-${seed}${defect === undefined ? '' : `-${defect.replaceAll(' ', '-')}`}`
  const notes = { schedule: actions, remarks: company.remarks }
  const keptIn = judgement.isGood ? undefined : keepRecords(name, dirname(home.path), notes)
  return { ...judgement, actions, evidence, quietAfterMs, keptIn }
}

/** Resolves to the times in which entries may be missing, when all has been begun. */
async function perform(
  actions: readonly Action[],
  company: Company,
  naive: ChildProcess,
  home: string,
): Promise<Timed[]> {
  const losses: Timed[] = []
  const removals: Promise<void>[] = []
  const remove = async (path: string): Promise<Timed> => {
    const invoked = now()
    // It fails when something comes in while it removes the rest.
    await new Promise<void>((resolve) => execFile('rm', ['-rf', path], () => resolve()))
    return { invoked, returned: now() }
  }
  await direct(actions, company, (action) => {
    switch (action.do) {
      case 'add line':
      case 'remove line':
        naive.send(action)
        break
      case 'rm index':
        removals.push(remove(join(home, 'servers.json')).then(() => {}))
        break
      case 'rm home':
        removals.push(
          remove(home).then(
            ({ invoked, returned }) => void losses.push({ invoked, returned: returned + healMs * 1e6 }),
          ),
        )
    }
  })
  await Promise.all(removals)
  return losses
}

/** Whether index, directory and watcher come to say what is true, before `deadline`. */
async function becomesQuiet(company: Company, home: string, deadline: number): Promise<boolean> {
  const { records, alive } = gathered(company)
  const live = liveRuns(
    records.flatMap(({ operations }) => operations),
    alive,
  )
  const isInOrder = (): boolean => {
    const { views, foreign } = viewsOf(home)
    const watched = replayed(company.remarks)
    const compared = Object.values({ ...views, watcher: watched.managed }).map((view) =>
      compare('', view, live),
    )
    const isRight = compared.every(({ lost, stale }) => lost.length === 0 && stale.length === 0)
    return isRight && [...watched.foreign].sort().join(' ') === [...foreign].sort().join(' ')
  }
  let inOrder = 0
  while (inOrder < looks && performance.now() < deadline) {
    inOrder = isInOrder() ? inOrder + 1 : 0
    if (inOrder < looks) await setTimeout(lookMs)
  }
  return inOrder === looks
}

function viewsOf(home: string): Pick<Evidence, 'views' | 'foreign'> {
  const read = (...path: string[]): unknown => {
    try {
      return JSON.parse(readFileSync(join(home, ...path), 'utf8'))
    } catch {
      return undefined // it is missing from the view, then
    }
  }
  const lines = (read('servers.json') as { servers: Line[] } | undefined)?.servers ?? []
  const directory = new Map<string, string[]>()
  for (const name of namesIn(join(home, 'servers.d')).filter((name) => !name.startsWith('.'))) {
    const entry = read('servers.d', name) as Line | undefined
    directory.set(name.slice(0, -'.json'.length), [String(entry?.meta?.run)])
  }
  const index = new Map<string, string[]>()
  for (const { id, meta } of lines.filter(({ instance }) => instance !== undefined))
    index.set(id, [...(index.get(id) ?? []), String(meta?.run)])
  const foreign = lines.filter(({ instance }) => instance === undefined).map(({ id }) => id)
  return { views: { index, directory }, foreign }
}

interface Line {
  readonly id: string
  readonly instance?: string
  readonly meta?: { readonly run?: string }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
