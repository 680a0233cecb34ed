export type { ErrorCode, RemovalReason, SnapshotServer } from '../core/index.js'
export { WsyardError } from '../core/index.js'
export type {
  BroadcastOptions,
  Client,
  ClientEvents,
  ClientOptions,
  ConnectAllOptions,
  ConnectOptions,
  HubStatus,
  LiteClient,
  MessageData,
  SendData,
  ServerChange,
} from './client.js'
export { createClient } from './create-client.js'
export { createLiteClient } from './create-lite-client.js'
export { describeReason } from './describe-reason.js'
export type { ClientServer, Shape } from './server-list.js'
export type { ServerWebSocket } from './server-socket.js'
export type { ServerTransport, Transport } from './server-url.js'
export type { ConnectionReason, ConnectionState, ReasonCode } from './standing.js'
