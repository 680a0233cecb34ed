/**
 * How a file stays where it was put: its server looks after it every few seconds, for as long as it is registered.
 */
import { type ManagedEntry, type OnWarning, reasonOf, WsyardError } from '../../../core/index.js'

/** How often a server looks whether its file is still there, give or take `keepJitter`. */
const keepMs = 5000

/** Spreads the looks of many servers that were started together. */
const keepJitter = 0.2

export interface Keeper {
  /** Begins to look after an entry. */
  start(entry: ManagedEntry): void
  /** Ends that. */
  stop(instance: string): void
  stopAll(): void
}

/** @param look what is done each time */
export function createKeeper(look: (entry: ManagedEntry) => Promise<void>, onWarning: OnWarning): Keeper {
  const timers = new Map<string, NodeJS.Timeout>()

  const lookLater = (entry: ManagedEntry): void => {
    const ms = keepMs * (1 - keepJitter + 2 * keepJitter * Math.random())
    timers.set(entry.instance, setTimeout(lookNow, ms, entry).unref())
  }
  const lookNow = async (entry: ManagedEntry): Promise<void> => {
    try {
      await look(entry)
    } catch (error) {
      onWarning(asWarning(error, entry))
    }
    if (timers.has(entry.instance)) lookLater(entry)
  }
  const stop = (instance: string): void => {
    clearTimeout(timers.get(instance))
    timers.delete(instance)
  }
  return {
    start(entry) {
      if (!timers.has(entry.instance)) lookLater(entry)
    },
    stop,
    stopAll() {
      for (const instance of timers.keys()) stop(instance)
    },
  }
}

function asWarning(error: unknown, { id }: ManagedEntry): WsyardError {
  if (error instanceof WsyardError) return error
  const message = `Could not look after the entry "${id}": ${reasonOf(error)}. It is tried again in ${keepMs / 1000} s.`
  return new WsyardError('WSYARD_ERR_REGISTRY_UNWRITABLE', message, { cause: error, id })
}
