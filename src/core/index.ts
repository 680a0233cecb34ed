export { addressesOf, findServer, notFound, pathOf } from './addressing.js'
export { defined } from './defined.js'
export {
  type Auth,
  compareByStart,
  type Entry,
  type EntryState,
  isManaged,
  isRecord,
  type Line,
  type ManagedEntry,
  type Meta,
  type Owner,
} from './entry.js'
export { entryToFile, entryToLine, fieldsIn, type SnapshotServer, toServer } from './entry-fields.js'
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
  applyEvent,
  type Change,
  type ChangeEvent,
  diffEntries,
  isSame,
  type RemovalReason,
  type Revision,
  removalReasons,
  type SnapshotEvent,
  type WatchEvent,
} from './events.js'
export {
  isBearerProtocol,
  type OptionNames,
  plainProtocol,
  protocolsOf,
  type RequestHeaders,
  type Rules,
  refusalOf,
  sessionCookieName,
  tokenOf,
} from './guard.js'
export { refusedHandshake } from './handshake.js'
export {
  isAllowedHost,
  isLoopbackHost,
  isLoopbackHostHeader,
  isLoopbackOrigin,
  isWildcardHost,
  parseAuthority,
} from './loopback.js'
export { checkOrigins, isAllowedOrigin } from './origins.js'
export { checkPeers, type Peers } from './peers.js'
export { createPushReader, type PushMessage, type SnapshotMessage, toPushChange } from './push.js'
export {
  type Refusal,
  type RefusalCode,
  refusalBody,
  refusalCodes,
  refusalHeaders,
  refusalResponse,
  refusalStatus,
} from './refusals.js'
export { type Retry, retryAfter, untried } from './retry.js'
export { closeness, type Scope } from './scope.js'
export { type Snapshot, toSnapshot } from './snapshot.js'
export { lacksKey, Token, tokenPattern } from './token.js'
