/**
 * A value that changes, and whoever shows it. What the page knows is kept in these, outside of its components.
 */
import { useEffect, useState } from 'preact/hooks'

export interface Readable<T> {
  readonly value: T
  /** Calls the listener after each change. Returns its undo. */
  subscribe(listener: () => void): () => void
}

export interface Store<T> extends Readable<T> {
  set(value: T): void
}

export function createStore<T>(initial: T): Store<T> {
  const listeners = new Set<() => void>()
  let value = initial
  return {
    get value() {
      return value
    },
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of [...listeners]) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

/** The store's value; the component is rendered again when it changes. */
export function useStore<T>(store: Readable<T>): T {
  return useStored(store, (value) => value, '')
}

/**
 * Some of a store's value; the component is rendered again when that is another, whatever else in the store changes.
 *
 * @param key what `read` depends on
 */
export function useStored<T, Part>(store: Readable<T>, read: (value: T) => Part, key: string): Part {
  const [, setShown] = useState(() => read(store.value))
  // biome-ignore lint/correctness/useExhaustiveDependencies: `read` is another function each time, and reads the same for the same key
  useEffect(() => {
    const hear = (): void => setShown(() => read(store.value))
    hear()
    return store.subscribe(hear)
  }, [store, key])
  return read(store.value)
}
