/**
 * A hub in Vite's dev and preview servers. Vite's own Host and CORS checks have run by the time it is asked.
 */
import type { Plugin, PreviewServer, ViteDevServer } from 'vite'
import { checkOrigins } from '../core/index.js'
import { createHub, type HubOptions } from '../hub/index.js'
import { openRegistry } from '../registry/index.js'

export interface WsyardPluginOptions extends Omit<HubOptions, 'onWarning' | 'hosts'> {
  /**
   * The registry's directory, absolute. Not together with `registry`.
   * @default the environment's `SHIPYARD_HOME`, or else `~/.shipyard`
   */
  home?: string
}

/**
 * Shows the registry to the pages that this Vite serves, at `/api/registry`, in `vite dev` and `vite preview`.
 *
 * @example
 * export default defineConfig({ plugins: [wsyard()] })
 *
 * @throws {TypeError} for options that contradict each other or are not what they should be.
 */
export function wsyard(options: WsyardPluginOptions = {}): Plugin {
  const { home, ...hubOptions } = options
  checkOrigins(hubOptions.origins ?? [])
  if (home !== undefined && hubOptions.registry !== undefined) {
    throw new TypeError('wsyard: give either home or registry, not both')
  }

  const mount = (server: ViteDevServer | PreviewServer): (() => Promise<void>) => {
    const onWarning = (warning: Error): void =>
      server.config.logger.warn(`wsyard: ${warning.message}`, { timestamp: true })
    const registry =
      hubOptions.registry ?? openRegistry({ onWarning, ...(home === undefined ? {} : { home }) })
    // Vite has checked the Host header already, by its own list.
    const hub = createHub({ ...hubOptions, registry, onWarning, hosts: 'any' })
    server.middlewares.use((request, response, next) => {
      if (!hub.handleRequest(request, response)) next()
    })
    return async () => {
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
