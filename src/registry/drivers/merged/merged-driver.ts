/**
 * Several registries as one: a server is registered in all of them and seen once. The first is this machine's own as a rule. What it has
 * stands for the same server in the others, and it goes on without them.
 */
import { setTimeout } from 'node:timers/promises'
import {
  asWsyardError,
  compareByStart,
  defined,
  type Entry,
  type ManagedEntry,
  type OnWarning,
  retryAfter,
  untried,
  WsyardError,
} from '../../../core/index.js'
import type { Driver } from '../driver.js'
import { openMergedView } from './merged-view.js'

/** How long anybody waits for the others than the first, milliseconds. A registration that takes longer goes on behind it. */
const othersMs = 1000

/** The longest pause before one that could not be reached is tried again, milliseconds. */
const limitMs = 5000

export function mergeDrivers(first: Driver, others: readonly Driver[], onWarning: OnWarning): Driver {
  const drivers = [first, ...others]
  /** Runs that are to be in all of them. */
  const wanted = new Set<string>()
  /** What is done in each of the others meanwhile, by run. */
  const underWay = others.map(() => new Map<string, Promise<unknown>>())

  const warn = (error: unknown): void => onWarning(asWsyardError(error))

  /** Tries until it is there, or nobody wants it any more. What the first has taken is not lost by a refusal of another. */
  const putInTime = async (driver: Driver, entry: ManagedEntry): Promise<void> => {
    for (let retry = untried; wanted.has(entry.instance); ) {
      try {
        await driver.put(entry)
        if (!wanted.has(entry.instance)) await driver.remove(entry.id, entry.instance)
        return
      } catch (error) {
        if (asWsyardError(error).code !== 'WSYARD_ERR_REGISTRY_UNWRITABLE')
          return warn(notShared(driver, error))
        if (wanted.has(entry.instance)) warn(error)
        const now = performance.now()
        retry = retryAfter(retry, { now, chance: Math.random(), limitMs })
        await setTimeout(retry.dueAt - now, undefined, { ref: false })
      }
    }
  }
  /** Does something in each of the others, after what is under way there for this run. */
  const inOthers = (run: string, act: (driver: Driver) => unknown): Promise<unknown> =>
    Promise.all(
      others.map((driver, position) => {
        const runs = underWay[position]
        const doing = Promise.resolve(runs?.get(run))
          .then(() => act(driver))
          .finally(() => {
            if (runs?.get(run) === doing) runs.delete(run)
          })
        runs?.set(run, doing)
        return doing
      }),
    )

  /** What all answer that can, the others than the first if they do so in time. @throws when none can. */
  const askAll = async <T>(ask: (driver: Driver) => Promise<T>): Promise<T[]> => {
    const asking = drivers.map((driver) => (driver === first ? ask(driver) : inTime(driver, ask(driver))))
    const answers = await Promise.allSettled(asking)
    const failures = answers.filter((answer) => answer.status === 'rejected')
    if (failures.length === drivers.length) throw failures[0]?.reason
    for (const { reason } of failures) warn(reason)
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  }

  return {
    async put(entry) {
      await first.put(entry)
      wanted.add(entry.instance)
      await atMost(inOthers(entry.instance, (driver) => putInTime(driver, entry)))
    },
    release(entry) {
      first.release(entry)
      void inOthers(entry.instance, (driver) => driver.release(entry))
    },
    async remove(id, instance) {
      if (instance !== undefined) wanted.delete(instance)
      return (await askAll((driver) => driver.remove(id, instance))).includes(true)
    },
    removeAtExit(entries) {
      for (const driver of drivers) driver.removeAtExit(entries)
    },
    async list() {
      const entries = new Map<string, Entry>()
      for (const entry of (await askAll((driver) => driver.list())).flat())
        if (!entries.has(entry.id)) entries.set(entry.id, entry)
      return [...entries.values()].sort(compareByStart)
    },
    async prune() {
      return oneOfEachRun((await askAll((driver) => driver.prune())).flat(), (entry) => entry)
    },
    async removed() {
      const removed = (await askAll((driver) => driver.removed())).flat()
      removed.sort((a, b) => timeOf(b.removedAt) - timeOf(a.removedAt))
      return oneOfEachRun(removed, ({ entry }) => entry)
    },
    view: (listener) => openMergedView(drivers, listener),
    async close() {
      const ofReleased = underWay.flatMap((runs) => [...runs].filter(([run]) => wanted.has(run)))
      await atMost(Promise.all(ofReleased.map(([, doing]) => doing))) // or it would be taken out again
      wanted.clear()
      await Promise.all(drivers.map((driver) => (driver === first ? driver.close() : atMost(driver.close()))))
    },
  }
}

/** What takes longer goes on behind whoever waits for it. */
async function atMost(doing: Promise<unknown>): Promise<void> {
  await Promise.race([doing, setTimeout(othersMs, undefined, { ref: false })])
}

/** Why a server is in the first registry alone. */
function notShared({ source = 'One of several registries' }: Driver, error: unknown): WsyardError {
  const { code, message, id } = asWsyardError(error)
  const what = `${source} does not have a server that is registered all the same: ${message}`
  return new WsyardError(code, what, { cause: error, ...defined({ id }) })
}

async function inTime<T>({ source = 'One of several registries' }: Driver, answer: Promise<T>): Promise<T> {
  const late = Symbol('late')
  const outcome = await Promise.race([answer, setTimeout(othersMs, late, { ref: false })])
  if (outcome !== late) return outcome as T
  answer.catch(() => {}) // nobody waits for it any more
  const message = `${source} has not answered within ${othersMs / 1000} s, and is left out. Is it running, and reached from here?`
  throw new WsyardError('WSYARD_ERR_REGISTRY_UNREADABLE', message)
}

/** One that has no time has just left. */
function timeOf(removedAt: string | undefined): number {
  return removedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(removedAt)
}

function oneOfEachRun<T>(all: readonly T[], entryOf: (one: T) => Entry): T[] {
  const runs = new Map<string, T>()
  for (const one of all) {
    const { id, startedAt } = entryOf(one)
    const key = `${id} ${startedAt}`
    if (!runs.has(key)) runs.set(key, one)
  }
  return [...runs.values()]
}
