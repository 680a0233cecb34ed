export { useClient, WsyardProvider, type WsyardProviderProps } from './provider.js'
export { useHubStatus, useServer, useServers } from './use-servers.js'
export { type Message, type Socket, useMessages, useSocket } from './use-socket.js'
