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

export function createEmitter<Events extends EventMap>(): Emitter<Events> {
  const listeners: { [Name in keyof Events]?: Set<{ call: (...args: Events[Name]) => void }> } = {}
  return {
    on(name, listener) {
      const set = listeners[name] ?? new Set()
      listeners[name] = set
      // In an object of its own, so that a function added twice is called twice and undone once.
      const held = { call: listener }
      set.add(held)
      return () => {
        set.delete(held)
      }
    },
    emit(name, ...args) {
      for (const { call } of [...(listeners[name] ?? [])]) {
        try {
          call(...args)
        } catch (error) {
          reportError(error) // the page's own defect; no reason for other listeners to miss the event
        }
      }
    },
  }
}
