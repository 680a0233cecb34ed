/**
 * What a person has chosen on this page, kept by the browser from one visit to the next. Where the browser keeps nothing, it
 * lasts as long as the page.
 */
import { createStore, type Store } from './store.js'

/** @param isValid whether what was kept, by whichever version of the page, is something to go on with */
export function remembered<T>(key: string, initial: T, isValid: (kept: unknown) => kept is T): Store<T> {
  const store = createStore(read(key, initial, isValid))
  store.subscribe(() => {
    try {
      localStorage.setItem(`wsyard.${key}`, JSON.stringify(store.value))
    } catch {
      // Then it is not kept.
    }
  })
  return store
}

/** A choice of one of a few words. */
export function rememberedChoice<T extends string>(key: string, choices: readonly [T, ...T[]]): Store<T> {
  return remembered<T>(key, choices[0], (kept): kept is T => choices.includes(kept as T))
}

function read<T>(key: string, initial: T, isValid: (kept: unknown) => kept is T): T {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`wsyard.${key}`) ?? 'null')
    return isValid(kept) ? kept : initial
  } catch {
    return initial
  }
}
