export type {
  Auth,
  Change,
  ChangeEvent,
  Entry,
  EntryState,
  ErrorCode,
  ManagedEntry,
  Meta,
  OnWarning,
  Owner,
  RemovalReason,
  Revision,
  Scope,
  SnapshotEvent,
  Token,
  WatchEvent,
} from '../core/index.js'
export { WsyardError } from '../core/index.js'
export { shipyardHome } from './home.js'
export { hubToken } from './hub-token.js'
export {
  isListeningAt,
  isOfThisMachine,
  isRunning,
  listenerAt,
  processFamilies,
  sharesLoopback,
  thisMachine,
} from './listening.js'
export type { ListeningServer } from './listening-server.js'
export { type Networks, networksOf } from './networks.js'
export {
  createMemoryRegistry,
  isRegistry,
  type OpenRegistryOptions,
  openRegistry,
  registryPlace,
} from './open-registry.js'
export { ownerOf } from './owner.js'
export { peerUser, tellsPeers } from './peers.js'
export type { Families, FamilyMember, Listener } from './platform/platform.js'
export { roundTrip } from './probe-port.js'
export { isWithinReach, networkOf, type Reached, reach } from './reach.js'
export type {
  ListOptions,
  RegisterOptions,
  Registration,
  Registry,
  RegistryOptions,
  RemovedEntry,
  ServerDetails,
  WatchOptions,
} from './registry.js'
export { projectOf, scopeOf } from './scope.js'
export { isToken, newToken, verifyToken } from './tokens.js'
