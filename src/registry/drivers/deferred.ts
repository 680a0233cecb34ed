/**
 * A driver whose code is loaded when it is first used.
 */
import type { Driver } from './driver.js'

export function deferDriver(source: string | undefined, load: () => Promise<Driver>): Driver {
  let loading: Promise<Driver> | undefined
  let loaded: Driver | undefined
  const driver = (): Promise<Driver> => {
    loading ??= load().then(
      (one) => {
        loaded = one
        return one
      },
      (error: unknown) => {
        loading = undefined // a file that it reads may be there the next time
        throw error
      },
    )
    return loading
  }
  return {
    source,
    put: async (entry) => (await driver()).put(entry),
    release: (entry) => loaded?.release(entry),
    remove: async (id, instance) => (await driver()).remove(id, instance),
    removeAtExit: (entries) => loaded?.removeAtExit(entries),
    list: async () => (await driver()).list(),
    prune: async () => (await driver()).prune(),
    removed: async () => (await driver()).removed(),
    view: async (listener) => (await driver()).view(listener),
    close: async () => {
      await loading?.then(
        (one) => one.close(),
        () => {}, // whoever used it has heard of that
      )
    },
  }
}
