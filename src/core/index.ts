export { type Change, diffEntries, isSameEntry, type RemovalReason } from './changes.js'
export { defined } from './defined.js'
export {
  type Auth,
  compareByStart,
  type Entry,
  type EntryState,
  entryToFile,
  entryToLine,
  isManaged,
  isRecord,
  type Line,
  type ManagedEntry,
  type Meta,
} from './entry.js'
export { checkManagedEntry, maxEntryBytes, parseForeignEntry, parseManagedEntry } from './entry-schema.js'
export { asWsyardError, type ErrorCode, errorCodes, type OnWarning, reasonOf, WsyardError } from './errors.js'
export { isProbeDue, type Observed, silentMs, stateOf } from './health.js'
export {
  addedForeignLines,
  emptyIndex,
  foreignLines,
  formatIndex,
  type Index,
  isManagedLine,
  lineKey,
  parseIndex,
  reconcileIndex,
} from './index-file.js'
export { type Here, hasExited, isForeignEntryDead, type ProbeResult, type ProcessFacts } from './liveness.js'
export {
  isAllowedHost,
  isLoopbackHost,
  isLoopbackHostHeader,
  isLoopbackOrigin,
  isWildcardHost,
} from './loopback.js'
export { checkOrigins, isAllowedOrigin } from './origins.js'
export { type Snapshot, type SnapshotServer, toSnapshot } from './snapshot.js'
