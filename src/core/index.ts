export { addressesOf, findServer, notFound, pathOf } from './addressing.js'
export { backOff } from './back-off.js'
export { type Change, diffEntries, isSame, type RemovalReason } from './changes.js'
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
export {
  asWsyardError,
  type ErrorCode,
  type ErrorDetails,
  errorCodes,
  type OnWarning,
  reasonOf,
  WsyardError,
} from './errors.js'
export {
  isBearerProtocol,
  plainProtocol,
  protocolsOf,
  type RequestHeaders,
  type Rules,
  refusalOf,
  tokenOf,
} from './guard.js'
export { refusedHandshake } from './handshake.js'
export { isProbeDue, type Observed, silentMs, stateOf } from './health.js'
export {
  addedForeignLines,
  emptyIndex,
  foreignLines,
  formatIndex,
  formatNextIndex,
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
export { type PushChange, type PushMessage, toPushChange } from './push.js'
export {
  type Refusal,
  type RefusalCode,
  refusalBody,
  refusalHeaders,
  refusalResponse,
  refusalStatus,
} from './refusals.js'
export { type Snapshot, type SnapshotServer, toServer, toSnapshot } from './snapshot.js'
export { Token, tokenPattern } from './token.js'
