/** How long a server takes to answer, as a page asks its hub. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { startHub, type TestHub } from '../support/hub.js'
import { createTestHome, type TestHome } from '../support/processes.js'

let home: TestHome
let hub: TestHub
let registry: Registry

beforeEach(async () => {
  home = createTestHome()
  registry = openRegistry({ home: home.path })
  hub = await startHub(home)
})
afterEach(async () => {
  await registry.close()
  await home[Symbol.asyncDispose]()
})

/** An HTTP server that counts what it is asked, and answers if it is told to. */
async function listen(answers: boolean | Promise<unknown>) {
  let asked = 0
  const http = createHttp(async (_request, response) => {
    asked += 1
    if (await answers) response.writeHead(426).end()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  home.onCleanUp(() => {
    http.closeAllConnections()
    http.close()
  })
  return { http, port: (http.address() as AddressInfo).port, asked: () => asked }
}

const probe = async (id: string, init?: RequestInit) => {
  const response = await fetch(`${hub.url}?probe=${encodeURIComponent(id)}`, init)
  return { status: response.status, body: await response.json() }
}

it('is the time to the first byte of the answer', async () => {
  const { http } = await listen(true)
  const { id } = await registry.register(http)
  await expect.poll(hub.ids).toEqual([id])
  const { status, body } = await probe(id)
  expect(status).toBe(200)
  expect(body).toEqual({ id, roundTripMs: expect.any(Number) })
  expect(body.roundTripMs).toBeGreaterThan(0)
})

it('asks a server once, however many pages ask at once', async () => {
  const pages = 20
  let answer = (): void => {}
  const haveAllAsked = new Promise<true>((resolve) => {
    answer = () => resolve(true)
  })
  const { http, asked } = await listen(haveAllAsked)
  const { id } = await registry.register(http)
  await expect.poll(hub.ids).toEqual([id])
  void hub.requested(pages).then(answer)
  const answers = await Promise.all(Array.from({ length: pages }, () => probe(id)))
  expect(new Set(answers.map(({ body }) => body.roundTripMs)).size).toBe(1)
  expect(asked()).toBe(1)
})

it('is null for a server that is silent', async () => {
  const { http } = await listen(false)
  const { id } = await registry.register(http)
  await expect.poll(hub.ids).toEqual([id])
  expect(await probe(id)).toEqual({ status: 200, body: { id, roundTripMs: null } })
})

it('asks a server that is silent no second time while it may still answer', async () => {
  const { http, asked } = await listen(false)
  const { id } = await registry.register(http)
  await expect.poll(hub.ids).toEqual([id])
  const probes = [probe(id)]
  let isAnswered = false
  void probes[0]?.then(() => {
    isAnswered = true
  })
  const askAgain = (): boolean => {
    probes.push(probe(id))
    return isAnswered
  }
  await expect.poll(askAgain, { interval: 200 }).toBe(true)
  expect(probes.length).toBeGreaterThan(3)
  expect(asked()).toBe(1)
  await Promise.all(probes)
})

it('is null for a foreign server, which is not asked', async () => {
  const { port, asked } = await listen(true)
  mkdirSync(home.path, { recursive: true })
  writeFileSync(home.indexPath, JSON.stringify({ servers: [{ id: 'foreign', port, pid: process.pid }] }))
  await expect.poll(hub.ids).toEqual(['foreign'])
  expect(await probe('foreign')).toEqual({ status: 200, body: { id: 'foreign', roundTripMs: null } })
  expect(asked()).toBe(0)
})

it('is refused for an id that is not there, and for a page that may not use the relay', async () => {
  expect(await probe('nobody')).toMatchObject({ status: 404, body: { error: { code: 'SERVER_NOT_FOUND' } } })
  const other = await probe('nobody', { headers: { origin: 'http://localhost:1' } })
  expect(other).toMatchObject({ status: 403, body: { error: { code: 'ORIGIN_NOT_ALLOWED' } } })
})
