/**
 * A driver that is loaded when it is first used: until then a process that starts has better things to do.
 */
import type { Driver } from './driver.js'

export function loadWhenUsed(load: () => Promise<Driver>): Driver {
  let loading: Promise<Driver> | undefined
  let driver: Driver | undefined

  const use = async <T>(work: (driver: Driver) => Promise<T>): Promise<T> => {
    if (driver !== undefined) return work(driver) // at once, as a caller of the driver itself would have it
    loading ??= load()
    driver = await loading
    return work(driver)
  }
  return {
    put: (entry) => use((loaded) => loaded.put(entry)),
    remove: (id, instance) => use((loaded) => loaded.remove(id, instance)),
    removeAtExit: (entries) => driver?.removeAtExit(entries),
    list: () => use((loaded) => loaded.list()),
    view: (listener) => use((loaded) => loaded.view(listener)),
    close: async () => driver?.close(),
  }
}
