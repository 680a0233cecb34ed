/**
 * Typed events: the few lines that every part of the client needs.
 */

/** Names of events, each with the arguments that its listeners get. */
export type EventMap = { [name: string]: unknown[] }

export interface Emitter<Events extends EventMap> {
  /** Adds a listener. Returns its undo. */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void
}

/** A function of the page that no longer throws: what it would have thrown the page hears of by itself, and all else goes on. */
export function reporting<Args extends unknown[], Result>(
  call: (...args: Args) => Result,
): (...args: Args) => Result | undefined {
  return (...args) => {
    try {
      return call(...args)
    } catch (error) {
      setTimeout(() => {
        throw error
      })
      return
    }
  }
}

export function createEmitter<Events extends EventMap>(): Emitter<Events> {
  // Never changed but replaced, so that an event goes to those that were there when it came.
  const listeners: { [Name in keyof Events]?: readonly ((...args: Events[Name]) => unknown)[] } = {}
  return {
    on(name, listener) {
      const call = reporting(listener) // another function each time: one added twice is called twice and undone once
      listeners[name] = [...(listeners[name] ?? []), call]
      return () => {
        listeners[name] = listeners[name]?.filter((one) => one !== call)
      }
    },
    emit(name, ...args) {
      for (const call of listeners[name] ?? []) call(...args)
    },
  }
}
