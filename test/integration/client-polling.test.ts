/** A page that asks the hub at intervals, as there are no WebSockets, while one of several registries is lost. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { createClient } from '../../src/client/index.js'
import { createHub } from '../../src/hub/index.js'
import { createMemoryRegistry, type Registry, WsyardError } from '../../src/registry/index.js'
import { createTestHome } from '../support/processes.js'

afterEach(() => vi.unstubAllGlobals())

it('tells that a registry is lost, as the push does, beside what was last known, and when it is back', async () => {
  vi.stubGlobal('WebSocket', undefined)
  await using home = createTestHome()
  let onProblem: ((problem: Error | undefined) => void) | undefined
  await using memory = createMemoryRegistry()
  const registry: Registry = {
    ...memory,
    watch(onEvent, options) {
      onProblem = options?.onProblem
      return memory.watch(onEvent, options)
    },
  }
  await registry.register({ port: 4000, name: 'worker' })
  const hub = createHub({ registry })
  const http = createServer((request, response) => void hub.handleRequest(request, response))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  home.onCleanUp(async () => {
    await hub.close()
    http.closeAllConnections()
    http.close()
  })
  const { port } = http.address() as AddressInfo
  const client = createClient({ hub: `http://127.0.0.1:${port}`, pollMs: 100 })
  home.onCleanUp(() => client.close())
  const state = () => [client.status, client.error?.message, client.servers.map(({ name }) => name)]

  await expect.poll(state).toEqual(['polling', undefined, ['worker']])
  const source = 'etcd://h:2379/wsyard'
  onProblem?.(new WsyardError('WSYARD_ERR_REGISTRY_UNREADABLE', 'No member answers.', { source }))
  const told = 'The hub cannot read the registry: No member answers.'
  await expect.poll(state).toEqual(['lost', told, ['worker']])
  expect(client.error?.code).toBe('WSYARD_ERR_HUB_ANSWER')
  onProblem?.(undefined)
  await expect.poll(state).toEqual(['polling', undefined, ['worker']])
})
