/**
 * Makes a `Registry` of a driver: what an entry says of this process, and how it is kept there until the process
 * ends. How and where entries are stored is the driver's part.
 */
import { randomBytes } from 'node:crypto'
import { checkManagedEntry, type ManagedEntry, reasonOf, WsyardError } from '../core/index.js'
import type { Driver } from './drivers/driver.js'
import { onExit } from './on-exit.js'
import { processFacts, thisMachine } from './process-facts.js'
import type { RegisterOptions, Registration, Registry, RegistryOptions } from './registry.js'

/** How often a registration looks whether it is still there, give or take `keepJitter`. */
const keepMs = 5000

/** Spreads the looks of many servers that were started together. */
const keepJitter = 0.2

export function createRegistry(driver: Driver, { onWarning = () => {} }: RegistryOptions = {}): Registry {
  const registrations = new Set<Registration>()
  let closed = false

  const assertOpen = (): void => {
    if (!closed) return
    throw new WsyardError('WSYARD_ERR_REGISTRY_CLOSED', 'This registry has been closed. Open another one.')
  }

  const register = async (options: RegisterOptions): Promise<Registration> => {
    assertOpen()
    const entry = entryOfThisProcess(options)
    const undoExit = onExit(() => driver.removeAtExit(entry))
    try {
      await driver.put(entry)
    } catch (error) {
      undoExit()
      throw error
    }

    let open = true
    let timer: NodeJS.Timeout
    const keepLater = (): void => {
      timer = setTimeout(keep, keepMs * (1 - keepJitter + 2 * keepJitter * Math.random()))
      timer.unref()
    }
    const keep = async (): Promise<void> => {
      try {
        await driver.keep(entry)
      } catch (error) {
        onWarning(asWarning(error, entry))
      }
      if (open) keepLater()
    }
    keepLater()

    const close = async (): Promise<void> => {
      if (!open) return
      open = false
      clearTimeout(timer)
      undoExit()
      registrations.delete(registration)
      await driver.remove(entry.id, entry.instance)
    }
    const registration: Registration = { id: entry.id, entry, close, [Symbol.asyncDispose]: close }
    registrations.add(registration)
    return registration
  }

  const close = async (): Promise<void> => {
    closed = true
    await Promise.all([...registrations].map((registration) => registration.close()))
    await driver.close()
  }

  return {
    register,
    deregister: (id) => driver.remove(id),
    list: () => driver.list(),
    watch(onEvent, options) {
      assertOpen()
      return driver.watch(onEvent, options)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The entry of a server of this process. */
function entryOfThisProcess(options: RegisterOptions): ManagedEntry {
  const { port, host = '127.0.0.1', name, id = newId(), path, meta, auth = 'open' } = options
  return checkManagedEntry({
    id,
    port,
    pid: process.pid,
    startedAt: new Date().toISOString(),
    name,
    host,
    path,
    auth,
    meta,
    instance: randomBytes(16).toString('hex'),
    machine: thisMachine(),
    processStart: processFacts(process.pid).processStart,
  })
}

function newId(): string {
  const random = Array.from(randomBytes(6), (byte) => (byte % 36).toString(36)).join('')
  return `server-${Date.now()}-${random}`
}

function asWarning(error: unknown, entry: ManagedEntry): WsyardError {
  if (error instanceof WsyardError) return error
  const message = `Could not look after the entry "${entry.id}": ${reasonOf(error)}. It is tried again in ${keepMs / 1000} s.`
  return new WsyardError('WSYARD_ERR_REGISTRY_UNWRITABLE', message, { cause: error, id: entry.id })
}
