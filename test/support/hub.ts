/** A hub as tests need it: on a bare HTTP server of its own, over a registry directory. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHub, type HubOptions } from '../../src/hub/index.js'
import { openRegistry, type WsyardError } from '../../src/registry/index.js'
import type { TestHome } from './processes.js'

export interface TestHub {
  readonly url: string
  /** The same as `ws://…`: the push socket, and what the relay's paths begin with. */
  readonly webSocketUrl: string
  readonly warnings: WsyardError[]
  /** The ids in the snapshot now. */
  ids(): Promise<string[]>
  snapshot(init?: RequestInit): Promise<Response>
  /** Resolves when `count` more requests have come to it. */
  requested(count: number): Promise<void>
}

export async function startHub(home: TestHome, options: HubOptions = {}): Promise<TestHub> {
  const warnings: WsyardError[] = []
  const registry = openRegistry({ home: home.path, onWarning: (warning) => warnings.push(warning) })
  const hub = createHub({ registry, ...options })
  const http = createServer((request, response) => {
    if (!hub.handleRequest(request, response)) response.writeHead(404).end('not the hub')
  })
  http.on('upgrade', (request, socket, head) => {
    if (!hub.handleUpgrade(request, socket, head)) socket.destroy()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  home.onCleanUp(async () => {
    await hub.close()
    await registry.close()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/api/registry`
  const snapshot = (init?: RequestInit): Promise<Response> => fetch(url, init)
  const requested = (count: number): Promise<void> =>
    new Promise((resolve) => {
      let left = count
      http.on('request', () => {
        left -= 1
        if (left === 0) resolve()
      })
    })
  return {
    url,
    webSocketUrl: url.replace('http:', 'ws:'),
    warnings,
    snapshot,
    requested,
    async ids() {
      const { servers } = (await (await snapshot()).json()) as { servers: { id: string }[] }
      return servers.map(({ id }) => id).sort()
    },
  }
}
