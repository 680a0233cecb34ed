/**
 * What a driver in a folder of its own is made of. Beside `../index.ts`, which is what the package shows, and only for such a folder.
 */
export { createRegistry } from '../create-registry.js'
export { maxEntryBytes, type Parsed, parseForeignEntry, parseManagedEntry } from '../entry-schema.js'
export { isOfThisMachine } from '../listening.js'
export { type EtcdLocation, parseLocation, sourceOf } from '../location.js'
export { hasExitedNow, here, isPidTaken, turnover } from '../process-facts.js'
export type { Registry, RegistryOptions, RemovedEntry } from '../registry.js'
export { warnOnce } from '../warn-once.js'
export { type Driver, type DriverView, idTaken, type ViewListener } from './driver.js'
