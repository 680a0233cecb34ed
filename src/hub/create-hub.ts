/**
 * The HTTP face of a registry for browsers. It answers its own paths and leaves every other request alone, so that
 * it can be mounted in any Node HTTP server.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { checkOrigins, isAllowedHost } from '../core/index.js'
import { openRegistry, type Registry } from '../registry/index.js'
import { createSnapshotHandler } from './snapshot.js'

export interface HubOptions {
  /**
   * Registry to show. It is not closed with the hub.
   * @default openRegistry(), which is
   */
  registry?: Registry
  /**
   * Origins besides loopback pages that may read the snapshot, as `https://app.example`. Every script of such a
   * site learns the ids, ports and meta of the servers on its visitor's machine.
   * @default []
   */
  origins?: readonly string[]
  /**
   * Host names besides loopback by which the hub may be asked, without port; `'any'` where something in front of it has
   * checked. A page of a web site whose name resolves to this machine asks by that name.
   * @default []
   */
  hosts?: readonly string[] | 'any'
  /** Hears of what went wrong without stopping the hub. Silent by default. */
  onWarning?: (warning: Error) => void
}

export interface Hub extends AsyncDisposable {
  /** Answers a request for one of the hub's paths. Returns false, having done nothing, for any other. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean
  /** Stops following the registry. Works twice. */
  close(): Promise<void>
}

/** Where the snapshot is. */
const snapshotPath = '/api/registry'

/**
 * Makes a hub over a registry.
 *
 * @example
 * const hub = createHub()
 * http.createServer((request, response) => {
 *   if (!hub.handleRequest(request, response)) response.writeHead(404).end()
 * })
 *
 * @throws {TypeError} for `origins` that are not origins.
 */
export function createHub(options: HubOptions = {}): Hub {
  const { origins = [], hosts = [], onWarning = () => {} } = options
  checkOrigins(origins)
  const registry = options.registry ?? openRegistry({ onWarning })
  const snapshot = createSnapshotHandler(registry, origins, onWarning)

  const close = async (): Promise<void> => {
    snapshot.close()
    if (options.registry === undefined) await registry.close()
  }
  return {
    handleRequest(request, response) {
      if (pathOf(request.url) !== snapshotPath) return false
      if (isAllowedHost(request.headers.host, hosts)) snapshot.handle(request, response)
      else refuseHost(request, response)
      return true
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function refuseHost({ headers }: IncomingMessage, response: ServerResponse): void {
  const message = `Host "${headers.host ?? ''}" is not this machine: ask for localhost, or add the name to the option hosts of createHub.`
  response.writeHead(403, {
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  })
  response.end(JSON.stringify({ error: { code: 'HOST_NOT_ALLOWED', message } }))
}

/** The path of a request target, whatever it is; nothing in it is decoded or resolved. */
function pathOf(target = ''): string {
  const query = target.indexOf('?')
  return query === -1 ? target : target.slice(0, query)
}
