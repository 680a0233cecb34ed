/**
 * A hub that stands alone: an HTTP server with the hub and a page beside it.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import {
  defined,
  isAllowedHost,
  isWildcardHost,
  type Peers,
  type Token,
  WsyardError,
} from '../../core/index.js'
import { createHub, dashboardPath } from '../../hub/index.js'
import { listenerAt, type Registry } from '../../registry/index.js'
import { identify } from './identify.js'
import { servePage } from './page.js'

export interface StandaloneOptions {
  /** The page to serve; undefined: the dashboard. */
  directory: string | undefined
  port: number
  host: string
  registry: Registry
  /** What everybody must bring; undefined: nothing. */
  token: Token | undefined
  origins: readonly string[]
  hosts: readonly string[]
  /** Undefined: the closest that the platform can tell. */
  peers: Peers | undefined
  /** Whose machines are dialled besides this one; undefined: those of the environment, or none. */
  networks: readonly string[] | undefined
  /** The root of the project whose servers come first where several have one name. */
  scope: string | undefined
  onWarning: (warning: Error) => void
}

export interface Standalone {
  readonly port: number
  close(): Promise<void>
}

/**
 * Listens. Resolves when it does.
 *
 * @throws {WsyardError} `WSYARD_ERR_LISTEN_FAILED`, saying what has the port.
 * @throws {TypeError} for `origins` that are not origins.
 */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { directory, port, host, registry, token, origins, hosts, peers, networks, scope, onWarning } =
    options
  const page = directory === undefined ? undefined : servePage(directory)
  const hub = createHub({
    registry,
    origins,
    hosts,
    optionNames: { hosts: '--hosts', origins: '--origins', peers: '--peers any', networks: '--networks' },
    onWarning,
    ...defined({ scope, token, peers, networks }),
  })
  const onRequest: RequestListener = (request, response) => {
    response.setHeader('server', 'wsyard') // by which another one knows what has its port
    if (hub.handleRequest(request, response)) return
    if (page === undefined) {
      request.url = `${dashboardPath}${request.url}`
      if (!hub.handleRequest(request, response)) sayPlainly(response, 400, 'Ask for a path.') // as `OPTIONS *` does not
    } else if (isAllowedHost(request.headers.host, hosts)) page(request, response)
    else sayPlainly(response, 403, 'Ask for localhost, or add the name to --hosts.')
  }
  const http = createServer(onRequest)
  http.on('upgrade', (request: IncomingMessage, socket, head) => {
    if (!hub.handleUpgrade(request, socket, head)) socket.destroy()
  })
  try {
    await listen(http, port, host)
  } catch (error) {
    await hub.close()
    throw error
  }
  const address = http.address()
  return {
    port: address !== null && typeof address === 'object' ? address.port : port,
    async close() {
      const closed = new Promise((resolve) => http.close(resolve))
      await hub.close()
      http.closeAllConnections()
      await closed
    },
  }
}

function sayPlainly(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

function listen(http: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', async (cause: NodeJS.ErrnoException) => {
      const problem =
        cause.code === 'EADDRINUSE' ? await taken(host, port) : `${cause.message}. Choose another.`
      const message = `Cannot listen on ${host} port ${port}: ${problem}`
      reject(new WsyardError('WSYARD_ERR_LISTEN_FAILED', message, { cause }))
    })
    http.listen(port, host, () => {
      http.removeAllListeners('error')
      resolve()
    })
  })
}

async function taken(host: string, port: number): Promise<string> {
  const isHub = await identify(addressOf(host, port))
  const pid = listenerAt(port)
  const process = pid === undefined ? '' : `, as process ${pid}`
  return isHub
    ? `a wsyard hub is running there already, at ${addressOf(host, port)}/${process}. Open the link that it printed, or start this one with another --port.`
    : `something else listens there${process}. Stop it, or choose another --port.`
}

/** How a browser on this machine is told of a hub: by its address, as another program may listen at the same port of the other one that "localhost" can mean. */
export function addressOf(host: string, port: number): string {
  if (isWildcardHost(host)) return `http://127.0.0.1:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
