export { type WsyardPluginOptions, wsyard } from './plugin.js'
