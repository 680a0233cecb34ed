export type { OptionNames, Peers } from '../core/index.js'
export { createHub, type Hub, type HubOptions } from './create-hub.js'
export { dashboardPath, entrancePath } from './route.js'
