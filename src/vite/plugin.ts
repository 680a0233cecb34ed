/**
 * A hub in Vite's dev and preview servers.
 */
import type { IncomingMessage } from 'node:http'
import { networkInterfaces } from 'node:os'
import type { Duplex } from 'node:stream'
import type { CommonServerOptions, Plugin, PreviewServer, ViteDevServer } from 'vite'
import { checkOrigins, isWildcardHost } from '../core/index.js'
import { createHub, dashboardPath, type HubOptions } from '../hub/index.js'
import { openRegistry } from '../registry/index.js'
import { announce } from './announce.js'
import { type DevToolsPlugin, dock } from './dock.js'

export interface WsyardPluginOptions extends Omit<HubOptions, 'onWarning' | 'hosts' | 'token'> {
  /**
   * The registry's directory, absolute. Not together with `registry`.
   * @default the environment's `SHIPYARD_HOME`, or else `~/.shipyard`
   */
  home?: string
}

/**
 * Shows the registry to the pages that this Vite serves, at `/api/registry`, in `vite dev` and `vite preview`, and the dashboard at
 * `/__wsyard/`, below Vite's `base` if it has one.
 *
 * @example
 * export default defineConfig({ plugins: [wsyard()] })
 *
 * @throws {TypeError} for options that contradict each other or are not what they should be.
 */
export function wsyard(options: WsyardPluginOptions = {}): Plugin & DevToolsPlugin {
  const { home, ...hubOptions } = options
  const hasDashboard = hubOptions.dashboard ?? true
  checkOrigins(hubOptions.origins ?? [])
  if (home !== undefined && hubOptions.registry !== undefined) {
    throw new TypeError('wsyard: give either home or registry, not both')
  }

  const mount = (server: ViteDevServer | PreviewServer): (() => Promise<void>) => {
    const onWarning = (warning: Error): void =>
      server.config.logger.warn(`wsyard: ${warning.message}`, { timestamp: true })
    const registry =
      hubOptions.registry ?? openRegistry({ onWarning, ...(home === undefined ? {} : { home }) })
    const hub = createHub({
      ...hubOptions,
      registry,
      onWarning,
      hosts: hostsOf('hot' in server ? server.config.server : server.config.preview),
    })
    const dashboardBelow = `${server.config.base}${dashboardPath.slice(1)}`
    server.middlewares.use((request, response, next) => {
      const { url = '' } = request
      if (url.startsWith(dashboardBelow)) request.url = url.slice(server.config.base.length - 1)
      if (hub.handleRequest(request, response)) return
      request.url = url
      next()
    })
    if (hasDashboard) announce(server)
    // Upgrades pass by Vite's middlewares. Its own, for HMR, are at other paths and are left to it.
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      hub.handleUpgrade(request, socket, head)
    }
    server.httpServer?.on('upgrade', onUpgrade)
    return async () => {
      server.httpServer?.off('upgrade', onUpgrade)
      await hub.close()
      if (hubOptions.registry === undefined) await registry.close()
    }
  }

  /** What closes the hubs of dev servers, in the order they were made; closing twice does nothing. */
  const closeDevHubs: (() => Promise<void>)[] = []

  const mountUntilClosed = (server: ViteDevServer | PreviewServer): (() => Promise<void>) => {
    const close = mount(server)
    server.httpServer?.once('close', () => void close())
    return close
  }

  return {
    name: 'wsyard',
    devtools: hasDashboard ? dock : undefined,
    configureServer(server) {
      closeDevHubs.push(mountUntilClosed(server))
    },
    configurePreviewServer(server) {
      mountUntilClosed(server)
    },
    async closeServer() {
      // For servers that never listened, or have no HTTP server (middleware mode), nothing else says that they close.
      // A restart makes the new server before it closes the old one, so the oldest is the one that closes.
      await closeDevHubs.shift()?.()
    },
  }
}

/**
 * The names by which this Vite lets itself be asked: its option `allowedHosts`, the host that it was told to be, and the
 * addresses of this machine when it listens on all of them.
 */
function hostsOf({ allowedHosts, host }: CommonServerOptions): readonly string[] | 'any' {
  if (allowedHosts === true) return 'any'
  const isEverywhere = host === true || (typeof host === 'string' && isWildcardHost(host))
  const interfaces = isEverywhere ? Object.values(networkInterfaces()).flat() : []
  const addresses = interfaces.flatMap((one) => one?.address ?? [])
  return [...(allowedHosts ?? []), ...(typeof host === 'string' ? [host] : []), ...addresses]
}
