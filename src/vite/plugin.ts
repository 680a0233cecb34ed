/**
 * A hub in Vite's dev and preview servers.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { CommonServerOptions, Plugin, PreviewServer, ViteDevServer } from 'vite'
import { checkOrigins, checkPeers, defined } from '../core/index.js'
import { createHub, dashboardPath, type HubOptions } from '../hub/index.js'
import { isRegistry, openRegistry, projectOf } from '../registry/index.js'
import { announce } from './announce.js'
import { type DevToolsPlugin, dock } from './dock.js'

export interface WsyardPluginOptions
  extends Omit<HubOptions, 'onWarning' | 'hosts' | 'token' | 'optionNames' | 'scope'> {
  /**
   * The root of the project that the pages belong to: of several servers with one name theirs is one that runs in it.
   * @default the git worktree that Vite's root lies in, or else Vite's root
   */
  scope?: string
  /**
   * The directory of the registry on this machine, absolute. Not together with `registry`.
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
  checkPeers(hubOptions.peers)
  if (home !== undefined && hubOptions.registry !== undefined) {
    throw new TypeError('wsyard: give either home or registry, not both')
  }

  const mount = (server: ViteDevServer | PreviewServer): (() => Promise<void>) => {
    const onWarning = (warning: Error): void =>
      server.config.logger.warn(`wsyard: ${warning.message}`, { timestamp: true })
    const { registry: given } = hubOptions
    const isOwn = !isRegistry(given)
    const registry = isOwn ? openRegistry(defined({ registry: given, home, onWarning })) : given
    const which = 'hot' in server ? 'server' : 'preview'
    const hub = createHub({
      scope: projectOf(server.config.root),
      ...hubOptions,
      registry,
      onWarning,
      hosts: hostsOf(server.config[which]),
      optionNames: {
        hosts: `${which}.allowedHosts of Vite's config`,
        origins: 'the option origins of wsyard()',
        peers: "the option peers: 'any' of wsyard()",
        networks: 'the option networks of wsyard()',
      },
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
    const http = httpServerOf(server)
    if (http === null) onWarning(new Error(noUpgrades))
    http?.on('upgrade', onUpgrade)
    return async () => {
      http?.off('upgrade', onUpgrade)
      await hub.close()
      if (isOwn) await registry.close()
    }
  }

  /** What closes the hubs of dev servers, in the order they were made; closing twice does nothing. */
  const closeDevHubs: (() => Promise<void>)[] = []

  const mountUntilClosed = (server: ViteDevServer | PreviewServer): (() => Promise<void>) => {
    const close = mount(server)
    httpServerOf(server)?.once('close', () => void close())
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

/** Where the upgrades come in; null where Vite is a middleware of a program that has not told it of its server. */
function httpServerOf(server: ViteDevServer | PreviewServer): ViteDevServer['httpServer'] {
  if (server.httpServer !== null) return server.httpServer
  const { middlewareMode, ws } = server.config.server
  const told = typeof middlewareMode === 'object' ? middlewareMode : ws || undefined
  return told?.server ?? null
}

const noUpgrades =
  'in middleware mode pages get no push and no relay, as WebSockets do not pass by Vite: give it your HTTP server as server.middlewareMode.server.'

/**
 * The names by which this Vite lets itself be asked: its option `allowedHosts`, to which it adds the host that it was told to be, and
 * every address when it listens on all of them. Vite does not look at upgrades, nor with `https` at anything; the hub does.
 */
function hostsOf({ allowedHosts, host }: CommonServerOptions): readonly string[] | 'any' {
  if (allowedHosts === true) return 'any'
  return host === true ? [...(allowedHosts ?? []), '0.0.0.0'] : (allowedHosts ?? [])
}
