export type { SnapshotServer } from '../core/index.js'
export { WsyardError } from '../core/index.js'
export type { ConnectionState, MessageData, SendData } from './connect-all.js'
export {
  type Client,
  type ClientEvents,
  type ClientOptions,
  type ClientServer,
  type ConnectAllOptions,
  createClient,
  type HubStatus,
} from './create-client.js'
