import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { probePort } from './probe-port.js'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

async function listen(host: string): Promise<number> {
  const server = createServer((socket) => socket.destroy()).listen(0, host)
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

it.each(['127.0.0.1', '::1', '::'])('finds a server that listens on %s alone', async (host) => {
  expect(await probePort(await listen(host))).toBe('accepted')
})

it('tells a port on which nothing listens in either family', async () => {
  const port = await listen('127.0.0.1')
  await new Promise((resolve) => servers.pop()?.close(resolve))
  expect(await probePort(port)).toBe('refused')
})

it('answers for each of more ports than it asks at once', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => listen('127.0.0.1')))
  expect(await Promise.all(ports.map(probePort))).toEqual(ports.map(() => 'accepted'))
})
