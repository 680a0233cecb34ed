import cluster from 'node:cluster'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { isListening, listenerAt } from './linux-listeners.js'

const servers: Server[] = []

async function listen(host: string, port = 0): Promise<number> {
  const server = createServer().listen({ host, port })
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function close(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
}

afterEach(close)

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)

describe.skipIf(process.platform !== 'linux')('who listens', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::'])(
    'at any address, %s too, is found by the port alone',
    async (host) => {
      const port = await listen(host)
      expect(listenerAt(port)).toBe(process.pid)
      await close()
      expect(listenerAt(port)).toBe(undefined)
    },
  )

  const { pid, ppid } = process

  it('is this process, until it closes, and each time anew', async () => {
    const port = await listen('127.0.0.1')
    for (let count = 0; count < 2; count += 1) {
      expect(isListening(pid, '127.0.0.1', port)).toBe(true)
      expect(isListening(ppid, '127.0.0.1', port)).toBe(false)
      await close()
      expect(isListening(pid, '127.0.0.1', port)).toBe(false)
      await listen('127.0.0.1', port)
    }
    expect(isListening(pid, '127.0.0.1', port)).toBe(true)
  })

  it.skipIf(!hasIPv6).each([
    ['127.0.0.1', ['127.0.0.1']],
    ['127.1.2.3', ['127.1.2.3']],
    ['0.0.0.0', ['127.0.0.1', '127.1.2.3']],
    ['::', ['127.0.0.1', '127.1.2.3', '::1']],
    ['::1', ['::1']],
    ['::ffff:127.0.0.1', ['127.0.0.1']],
  ])('at %s is found at %j and nowhere else', async (host, found) => {
    const port = await listen(host)
    const asked = ['127.0.0.1', '127.1.2.3', '::1']
    expect(asked.filter((address) => isListening(pid, address, port))).toEqual(found)
  })

  it('is nobody whose pid is not there, and cannot be told then', async () => {
    const port = await listen('127.0.0.1')
    expect(isListening(2 ** 22 + 1, '127.0.0.1', port)).toBe(undefined)
    await close()
    expect(isListening(2 ** 22 + 1, '127.0.0.1', port)).toBe(false)
  })

  it('is each worker of a cluster, whose socket its parent has open', async () => {
    cluster.setupPrimary({
      exec: fileURLToPath(new URL('../../../test/support/cluster-worker.js', import.meta.url)),
      execArgv: [],
    })
    const workers = [cluster.fork(), cluster.fork()]
    try {
      const ports = await Promise.all(
        workers.map(async (worker) => ((await once(worker, 'listening')) as [{ port: number }])[0].port),
      )
      expect(new Set(ports).size).toBe(1)
      for (const { process: worker } of workers) {
        expect(isListening(Number(worker.pid), '127.0.0.1', Number(ports[0]))).toBe(true)
      }
    } finally {
      for (const worker of workers) worker.process.kill('SIGKILL')
    }
  })
})
