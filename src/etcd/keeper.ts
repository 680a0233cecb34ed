/**
 * How entries stay in etcd: one lease for all that this process has put, renewed for as long as it lives, and a look whether they are there.
 */
import { type ManagedEntry, type OnWarning, retryAfter, untried, WsyardError } from '../core/index.js'
import { hasExitedNow, idTaken } from '../registry/drivers/index.js'
import { EtcdError } from './client/etcd-error.js'
import { type Asking, createLease, leaveBehind } from './lease.js'
import { refusal } from './refusal.js'
import type { Holder } from './transactions.js'

export interface Keeper {
  /**
   * Puts an entry and looks after it.
   *
   * @throws {WsyardError} `WSYARD_ERR_ID_TAKEN` when another live run has its id.
   * @throws {EtcdError} when etcd does not do it.
   */
  put(entry: ManagedEntry): Promise<void>
  /** Leaves an entry that is there to the process that it names, if that lives, for a day at most. */
  release(entry: ManagedEntry): void
  /**
   * Looks after an entry no more, and removes it. Should that fail, it is tried again for as long as this lives.
   *
   * @returns whether it was there, or may have been.
   */
  remove(entry: ManagedEntry): Promise<boolean>
  /** The entry of a run that is looked after. */
  find(instance: string): ManagedEntry | undefined
  /** Ends all that; resolves when what is under way is over. */
  close(): Promise<void>
}

export interface KeeperOptions {
  /** For what somebody waits for. */
  readonly patient: Asking
  /** For what is tried again later anyway. */
  readonly brisk: Asking
  /** Seconds for which the lease holds. */
  readonly ttl: number
  /** Of the keys, for errors. */
  readonly prefix: string
  readonly onWarning: OnWarning
}

/** The longest pause after something has failed, milliseconds: within two seconds after etcd is back all is well again. */
const limitMs = 1000

/** How much earlier than by a third of its time a lease may be renewed, so that many that were made together are not. */
const jitter = 0.2

export function createKeeper({ patient, brisk, ttl, prefix, onWarning }: KeeperOptions): Keeper {
  /** What is to be there, by run. */
  const kept = new Map<string, ManagedEntry>()
  /** What is being put now, or moved to a lease of its own, by run. */
  const coming = new Map<string, ManagedEntry>()
  const releasing = new Set<Promise<void>>()
  const lease = createLease(ttl)
  let looking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let retry = untried
  /** Whether something may be there that is not to be. */
  let isInDoubt = false
  let isClosed = false

  /** Whether this process has put what holds an id, and wants it no more. */
  const isStray = ({ entry, lease: under }: Holder): boolean => {
    const isOwn = under !== undefined && under === lease.id()
    return isOwn && !(entry !== undefined && (kept.has(entry.instance) || coming.has(entry.instance)))
  }
  /** Whether what holds an id gives way to an entry. */
  const isFor = (holder: Holder, { instance }: ManagedEntry): boolean => {
    if (holder.entry === undefined || holder.entry.instance === instance) return true
    return isStray(holder) || hasExitedNow(holder.entry)
  }

  const place = async (entry: ManagedEntry, by: Asking): Promise<void> => {
    for (;;) {
      const held = await lease.current(by)
      try {
        const holder = await by.store.place(entry, held)
        if (holder === undefined) return
        if (holder.entry !== undefined && !isFor(holder, entry)) throw idTaken(holder.entry)
        if (await by.store.replace(entry, held, holder)) return
      } catch (error) {
        if (isClosed || !(error instanceof EtcdError) || !error.isLeaseGone) throw error
        lease.forget(held)
      }
    }
  }

  const look = async (): Promise<void> => {
    const expected = [...kept.values()]
    await lease.renew(brisk)
    const held = lease.id()
    const there = new Set(held === undefined ? [] : await brisk.store.idsOf(held))
    const missing = expected.filter(({ id }) => !there.has(id))
    await all(missing.map(putBack))
    await removeStrays(there)
  }
  /** What could not be removed, or has been put since by a member that had stood still. */
  const removeStrays = async (there: ReadonlySet<string>): Promise<void> => {
    const ours = new Set([...kept.values(), ...coming.values()].map(({ id }) => id))
    for (const id of there) {
      if (ours.has(id)) continue
      const holder = await brisk.store.get(id)
      if (holder !== undefined && isStray(holder)) await brisk.store.removeHolder(id, holder, 'deregistered')
    }
  }
  const putBack = async (entry: ManagedEntry): Promise<void> => {
    if (!kept.has(entry.instance) || hasExitedNow(entry)) return
    try {
      await place(entry, brisk)
    } catch (error) {
      if (!(error instanceof WsyardError)) throw error
      onWarning(error) // its id is another's by now, of which the others know nothing
    }
  }

  const lookLater = (ms: number): void => {
    if (isClosed) return
    clearTimeout(timer)
    const isNeeded = kept.size > 0 || coming.size > 0 || isInDoubt
    if (!isNeeded) lease.forget(lease.id()) // not renewed any more, it would soon let go of what comes next
    timer = isNeeded ? setTimeout(lookNow, ms).unref() : undefined
  }
  const untilNext = (): number => ((ttl * 1000) / 3) * (1 - jitter * Math.random())
  const lookNow = (): void => {
    looking ??= lookOnce().finally(() => {
      looking = undefined
    })
  }
  const lookOnce = async (): Promise<void> => {
    const begun = performance.now()
    try {
      isInDoubt = false
      await look()
      retry = untried
      lookLater(Math.max(0, begun + untilNext() - performance.now()))
    } catch (error) {
      isInDoubt = true
      const now = performance.now()
      retry = retryAfter(retry, { now, chance: Math.random(), limitMs })
      lookLater(retry.dueAt - now)
      if (retry.failures > 1)
        warn(error, 'look after the registrations', `after ${ttl} s without success others see them as gone`)
    }
  }
  const ensureLooks = (): void => {
    if (timer === undefined) lookLater(untilNext())
  }

  const warn = (error: unknown, what: string, after: string): void => {
    const message = `Cannot ${what} in etcd`
    onWarning(
      refusal('WSYARD_ERR_REGISTRY_UNWRITABLE', message, error, prefix, `It is tried again; ${after}.`),
    )
  }

  return {
    async put(entry) {
      await lease.current(patient) // without which nothing is put
      coming.set(entry.instance, entry)
      ensureLooks() // from now on: putting may take as long as the lease holds
      try {
        await place(entry, patient)
        kept.set(entry.instance, entry)
      } catch (error) {
        isInDoubt ||= error instanceof EtcdError
        throw error
      } finally {
        coming.delete(entry.instance)
      }
    },
    release(entry) {
      kept.delete(entry.instance)
      coming.set(entry.instance, entry)
      const moving = Promise.resolve(looking) // which may be putting it back
        .then(() => leaveBehind(entry, patient))
        .then(
          () => void coming.delete(entry.instance),
          (error: unknown) => onWarning(notLeft(entry, error, prefix)),
        )
        .finally(() => releasing.delete(moving))
      releasing.add(moving)
    },
    async remove(entry) {
      kept.delete(entry.instance)
      await looking // which may be putting it back
      try {
        return await brisk.store.remove(entry)
      } catch (error) {
        isInDoubt = true
        ensureLooks()
        warn(error, `deregister "${entry.id}"`, `others see it for ${ttl} s more at most`)
        return true
      }
    },
    find: (instance) => kept.get(instance),
    async close() {
      isClosed = true
      clearTimeout(timer)
      await Promise.all([looking, ...releasing])
      const ID = lease.id()
      lease.forget(ID)
      const isUnused = kept.size === 0 && coming.size === 0
      if (isUnused && ID !== undefined) await brisk.call('/v3/lease/revoke', { ID }).catch(ignore)
    },
  }
}

function notLeft({ id }: ManagedEntry, error: unknown, prefix: string): WsyardError {
  const what = `Cannot leave the registration of "${id}" in etcd to its process`
  return refusal('WSYARD_ERR_REGISTRY_UNWRITABLE', what, error, prefix, 'It goes when this process does.')
}

/** Waits for all of them, also where one fails. */
async function all(doing: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(doing)
  await Promise.all(doing)
}

/** It runs out by itself. */
function ignore(): void {}
