/**
 * Makes a `Registry` of a driver: what an entry says of this process, and how it is kept there until the process
 * ends. How and where entries are stored is the driver's part.
 */
import { randomBytes } from 'node:crypto'
import { defined, isLoopbackHost, type ManagedEntry, WsyardError } from '../core/index.js'
import { advertisedAt } from './advertise.js'
import type { Driver } from './drivers/driver.js'
import { checkManagedEntry } from './entry-schema.js'
import { asOrphaned, withStates } from './health.js'
import { namedAddress } from './home.js'
import { isListeningServer, type ListeningServer, portOf, untilItCloses } from './listening-server.js'
import { onExit } from './on-exit.js'
import { checkPid, ownerOf } from './owner.js'
import { here, ownStart, startOf } from './process-facts.js'
import type { RegisterOptions, Registration, Registry, RegistryOptions, ServerDetails } from './registry.js'
import { scopeOfProcess } from './scope.js'
import { newToken } from './tokens.js'
import { createWatching } from './watching.js'

type Target = RegisterOptions | ListeningServer | number

export function createRegistry(driver: Driver, { onWarning = () => {} }: RegistryOptions = {}): Registry {
  const registrations = new Map<ManagedEntry, Registration>()
  /** Registrations that are being made. */
  const underWay = new Set<Promise<Registration>>()
  const held = createHeldEntries(driver)
  const watching = createWatching(driver, onWarning)
  let closed = false

  const register = async (target: Target, details: ServerDetails = {}): Promise<Registration> => {
    if (closed) throw hasBeenClosed()
    if (typeof target === 'number') return registerEntry({ ...details, port: target })
    if (!isListeningServer(target)) return registerEntry(target)
    const register = (onEnd: () => void) => registerEntry({ ...details, ...portOf(target) }, onEnd)
    return untilItCloses(target, register, onWarning)
  }

  const registerEntry = (options: RegisterOptions, onEnd?: () => void): Promise<Registration> => {
    const registering = placeEntry(options, onEnd).finally(() => underWay.delete(registering))
    underWay.add(registering)
    return registering
  }

  const placeEntry = async (options: RegisterOptions, onEnd = () => {}): Promise<Registration> => {
    const entry = { ...newEntry(options), ...defined({ source: driver.source }) }
    try {
      const placing = driver.put(entry)
      held.add(entry) // by now it has most likely been placed, and those who watch are not kept waiting for listeners
      await placing
    } catch (error) {
      held.delete(entry)
      throw error
    }
    const registration = lookAfter(entry, onEnd)
    if (closed) {
      await registration.close()
      throw hasBeenClosed()
    }
    return registration
  }

  const lookAfter = (entry: ManagedEntry, onEnd: () => void): Registration => {
    let open = true
    const close = async (): Promise<void> => {
      if (!open) return
      open = false
      onEnd()
      registrations.delete(entry)
      await driver.remove(entry.id, entry.instance)
      held.delete(entry) // had removing failed, the end of the process would try again
    }
    const release = (): void => {
      if (!open) return
      open = false
      onEnd()
      registrations.delete(entry)
      held.delete(entry)
      driver.release(entry)
    }
    const registration: Registration = { id: entry.id, entry, close, release, [Symbol.asyncDispose]: close }
    registrations.set(entry, registration)
    return registration
  }

  const close = async (): Promise<void> => {
    closed = true
    const results = await Promise.allSettled(
      [...registrations.values()].map((registration) => registration.close()),
    )
    watching.close()
    await Promise.allSettled(underWay) // which see that it is closed, and undo themselves
    await driver.close()
    const failure = results.find((result) => result.status === 'rejected')
    if (failure !== undefined) throw failure.reason
  }

  return {
    register,
    async deregister(id) {
      const removed = await driver.remove(id)
      const own = [...registrations.values()].filter((registration) => registration.id === id)
      for (const registration of own) await registration.close() // or it would put itself back
      return removed
    },
    async list({ patienceMs } = {}) {
      const entries = (await driver.list()).map(asOrphaned)
      return patienceMs === undefined ? entries : withStates(entries, patienceMs)
    },
    prune: () => driver.prune(),
    removed: () => driver.removed(),
    watch(onEvent, options) {
      if (closed) throw hasBeenClosed()
      return watching.watch(onEvent, options)
    },
    check: watching.check,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function hasBeenClosed(): WsyardError {
  return new WsyardError('WSYARD_ERR_REGISTRY_CLOSED', 'This registry has been closed. Open another one.')
}

interface HeldEntries {
  add(entry: ManagedEntry): void
  delete(entry: ManagedEntry): void
}

/** Every entry that is, or is about to be, in the registry on behalf of one object: they go with the process. */
function createHeldEntries(driver: Driver): HeldEntries {
  const entries = new Set<ManagedEntry>()
  let undoExit: (() => void) | undefined
  return {
    add(entry) {
      entries.add(entry)
      undoExit ??= onExit(() => driver.removeAtExit(entries))
    },
    delete(entry) {
      entries.delete(entry)
      if (entries.size > 0) return
      undoExit?.()
      undoExit = undefined
    },
  }
}

/** The entry of a server of this process, or of another one of this machine. */
function newEntry(options: RegisterOptions): ManagedEntry {
  const instance = randomBytes(16)
  const { port, host = '127.0.0.1', name, id = newId(instance), path, meta, auth = 'open', owner } = options
  const { pid = process.pid, scope = scopeOfProcess(pid) } = options
  if (pid !== process.pid) checkPid(pid, 'Give that of the server, or leave it out for this process')
  const token = auth === 'token' ? (options.token ?? newToken()) : undefined
  const entry = checkManagedEntry(
    defined({
      id,
      port,
      pid,
      startedAt: new Date().toISOString(),
      name,
      host,
      path,
      auth,
      meta,
      scope,
      instance: instance.toString('hex'),
      machine: here().machine,
      processStart: pid === process.pid ? ownStart() : startOf(pid),
      owner: typeof owner === 'number' ? ownerOf(owner) : owner,
      token,
      advertise: advertisedAt(
        { host, port },
        options.advertise ?? (isLoopbackHost(host) ? undefined : namedAddress()),
      ),
    }),
  )
  // A copy: what the caller does to its own object later is not what was registered.
  return entry.meta === undefined ? entry : { ...entry, meta: JSON.parse(JSON.stringify(entry.meta)) }
}

function newId(bytes: Uint8Array): string {
  const random = Array.from(bytes.subarray(0, 6), (byte) => (byte % 36).toString(36)).join('')
  return `server-${Date.now()}-${random}`
}
