/**
 * Makes a `Registry` of a driver: what an entry says of this process, and how it is kept there until the process
 * ends. How and where entries are stored is the driver's part.
 */
import { randomBytes } from 'node:crypto'
import { asWsyardError, defined, type ManagedEntry, WsyardError } from '../core/index.js'
import type { Driver } from './drivers/driver.js'
import { checkManagedEntry } from './entry-schema.js'
import { withStates } from './health.js'
import { isListeningServer, type ListeningServer, portOf } from './listening-server.js'
import { onExit } from './on-exit.js'
import { here, ownStart } from './process-facts.js'
import type { RegisterOptions, Registration, Registry, RegistryOptions, ServerDetails } from './registry.js'
import { newToken } from './tokens.js'
import { createWatching } from './watching.js'

export function createRegistry(driver: Driver, { onWarning = () => {} }: RegistryOptions = {}): Registry {
  const registrations = new Map<ManagedEntry, Registration>()
  /** Every entry that is, or is about to be, in the registry on behalf of this object. */
  const entries = new Set<ManagedEntry>()
  const watching = createWatching(driver, onWarning)
  let undoExit: (() => void) | undefined
  let closed = false

  const assertOpen = (): void => {
    if (!closed) return
    throw new WsyardError('WSYARD_ERR_REGISTRY_CLOSED', 'This registry has been closed. Open another one.')
  }
  const hold = (entry: ManagedEntry): void => {
    entries.add(entry)
    undoExit ??= onExit(() => driver.removeAtExit(entries))
  }
  const release = (entry: ManagedEntry): void => {
    entries.delete(entry)
    if (entries.size > 0) return
    undoExit?.()
    undoExit = undefined
  }

  const register = async (
    target: RegisterOptions | ListeningServer | number,
    details: ServerDetails = {},
  ): Promise<Registration> => {
    assertOpen()
    if (typeof target === 'number') return registerEntry({ ...details, port: target })
    if (!isListeningServer(target)) return registerEntry(target)

    const where = portOf(target)
    let hasClosed = false
    let registration: Registration | undefined
    const onClose = (): void => {
      hasClosed = true
      registration?.close().catch((error) => onWarning(asWsyardError(error)))
    }
    target.once('close', onClose)
    const forget = (): void => void target.off('close', onClose)
    try {
      registration = await registerEntry({ ...details, ...where }, forget)
    } catch (error) {
      forget()
      throw error
    }
    if (hasClosed) await registration.close()
    return registration
  }

  const registerEntry = async (options: RegisterOptions, onEnd = () => {}): Promise<Registration> => {
    const entry = entryOfThisProcess(options)
    try {
      const placing = driver.put(entry)
      hold(entry) // by now it has most likely been placed, and those who watch are not kept waiting for listeners
      await placing
    } catch (error) {
      release(entry)
      throw error
    }
    const registration = lookAfter(entry, onEnd)
    if (closed) {
      await registration.close()
      assertOpen()
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
      release(entry) // had removing failed, the end of the process would try again
    }
    const registration: Registration = { id: entry.id, entry, close, [Symbol.asyncDispose]: close }
    registrations.set(entry, registration)
    return registration
  }

  const close = async (): Promise<void> => {
    closed = true
    const results = await Promise.allSettled(
      [...registrations.values()].map((registration) => registration.close()),
    )
    watching.close()
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
      const entries = await driver.list()
      return patienceMs === undefined ? entries : withStates(entries, patienceMs)
    },
    watch(onEvent, options) {
      assertOpen()
      return watching.watch(onEvent, options)
    },
    check: watching.check,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The entry of a server of this process. */
function entryOfThisProcess(options: RegisterOptions): ManagedEntry {
  const instance = randomBytes(16)
  const { port, host = '127.0.0.1', name, id = newId(instance), path, meta, auth = 'open' } = options
  const token = auth === 'token' ? (options.token ?? newToken()) : undefined
  const entry = checkManagedEntry(
    defined({
      id,
      port,
      pid: process.pid,
      startedAt: new Date().toISOString(),
      name,
      host,
      path,
      auth,
      meta,
      instance: instance.toString('hex'),
      machine: here().machine,
      processStart: ownStart(),
      token,
    }),
  )
  // A copy: what the caller does to its own object later is not what was registered.
  return entry.meta === undefined ? entry : { ...entry, meta: JSON.parse(JSON.stringify(entry.meta)) }
}

function newId(bytes: Uint8Array): string {
  const random = Array.from(bytes.subarray(0, 6), (byte) => (byte % 36).toString(36)).join('')
  return `server-${Date.now()}-${random}`
}
