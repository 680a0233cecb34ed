/** The push socket when a client stops reading, when it is gone without a word, and when the hub restarts. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'
import { createPush } from '../../src/hub/push.js'
import { createHubView } from '../../src/hub/view.js'
import { createMemoryRegistry, openRegistry } from '../../src/registry/index.js'
import { networkNamespace } from '../support/namespaces.js'
import { createTestHome, projectRoot, startProcess } from '../support/processes.js'
import { createPushClient, type PushClient } from '../support/push-client.js'

const limits = { timeout: 240_000 }

it(
  'a subscriber that stops reading costs the hub at most 64 MiB and the others nothing, and is told the list when it reads again (row 15)',
  limits,
  async () => {
    const hub = fork(join(projectRoot, 'test/support/push-hub.js'), { execArgv: ['--expose-gc'] })
    onTestFinished(() => end(hub))
    const [{ url }] = (await once(hub, 'message')) as [{ url: string }]
    const change = async (changes: number): Promise<{ revision: number; rss: number }> => {
      hub.send({ changes })
      return (await once(hub, 'message'))[0]
    }
    const [slow, ...others] = Array.from({ length: 3 }, () => createPushClient(() => url)) as [
      PushClient,
      ...PushClient[],
    ]
    const clients = [slow, ...others]
    onTestFinished(() => {
      for (const { socket } of clients) socket.terminate()
    })
    await Promise.all(clients.map((client) => client.connect()))
    const { rss: before, revision: first } = await change(1000)
    await expect.poll(() => clients.every(({ last }) => last?.revision === first)).toBe(true)

    slow.socket.pause()
    let after = { revision: first, rss: before }
    while (after.revision < first + 20_000) {
      after = await change(200) // less than may wait for one that reads
      const have = () => others.every(({ last }) => last?.revision === after.revision)
      await expect.poll(have, { interval: 5 }).toBe(true)
    }
    expect(after.rss - before).toBeLessThan(64 * 2 ** 20)

    slow.socket.resume()
    await expect.poll(() => slow.last?.revision).toBe(after.revision)
    expect(slow.messages.at(-1)).toMatchObject({ type: 'snapshot', revision: after.revision, entries: [] })
    for (const { complaints } of clients) expect(complaints).toEqual([])
    for (const { messages } of others)
      expect(messages.filter(({ type }) => type === 'snapshot')).toHaveLength(1)
  },
)

it('a subscriber that stops reading for thirty seconds is closed, and comes back to the list (row 15)', async () => {
  const registry = createMemoryRegistry()
  const { url, beat, subscribers } = await startPush(registry)
  const client = createPushClient(() => url)
  await client.connect()
  await expect.poll(() => client.last).toBeDefined()
  client.socket.pause()
  const meta = { text: 'x'.repeat(3900) }
  while (subscribers.every(({ writableLength }) => writableLength <= 2 ** 20)) {
    const registrations = await Promise.all(
      Array.from({ length: 100 }, () => registry.register({ port: 8080, meta })),
    )
    await Promise.all(registrations.map((registration) => registration.close()))
  }
  const closed = Promise.all(subscribers.map((socket) => once(socket, 'close')))
  for (let beats = 0; beats < 4; beats += 1) beat()
  await closed
  await client.drop()
  const { id } = await registry.register({ port: 8080 })
  await client.connect()
  await expect.poll(client.ids).toEqual([id])
  expect(client.complaints).toEqual([])
  await client.drop()
})

it('a subscriber whose network is gone is noticed in two beats (row 16)', async (context) => {
  const namespace = networkNamespace(context)
  const [command = '', ...args] = [...namespace, process.execPath, 'test/support/half-open.js', '1000']
  const running = startProcess(command, args)
  onTestFinished(async () => void (await running.stop('SIGKILL')))
  const [, beats] = await running.printed(/Noticed in (\d+) beats\./)
  expect(Number(beats)).toBeLessThanOrEqual(2)
})

it('a client misses nothing when the hub restarts (row 25)', limits, async () => {
  await using home = createTestHome()
  await using registry = openRegistry({ home: home.path })
  const script = join(projectRoot, 'test/support/restarting-hub.js')
  const start = async (port = 0): Promise<{ hub: ChildProcess; port: number }> => {
    const hub = fork(script, [home.path, String(port)])
    home.onCleanUp(() => end(hub))
    return { hub, port: Number((await once(hub, 'message'))[0]) }
  }
  let { hub, port } = await start()
  const client = createPushClient(() => `ws://127.0.0.1:${port}/api/registry`)
  home.onCleanUp(() => client.socket.terminate())
  await client.connect()

  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    const leaves = await registry.register({ port: 8080 })
    const stays = await registry.register({ port: 8081 })
    await expect.poll(client.ids).toEqual(expect.arrayContaining([leaves.id, stays.id]))
    const epoch = client.last?.epoch
    const closed = once(client.socket, 'close')
    hub.kill(signal)
    expect((await closed)[0]).toBe(signal === 'SIGTERM' ? 1001 : 1006)
    await leaves.close()
    const comes = await registry.register({ port: 8082 })
    ;({ hub, port } = await start(port))
    await client.connect()
    await expect.poll(() => client.last?.epoch).not.toBe(epoch)
    expect(client.messages.findLast(({ type }) => type !== 'bookmark')?.type).toBe('snapshot')
    const expected = (await registry.list()).map(({ id }) => id).sort()
    expect(expected).toEqual(expect.arrayContaining([stays.id, comes.id]))
    await expect.poll(client.ids).toEqual(expected)
  }
  expect(client.complaints).toEqual([])
})

/** Push over a registry, its beats given by the test. */
async function startPush(registry: ReturnType<typeof createMemoryRegistry>) {
  const view = createHubView(registry, { scope: undefined, onWarning: () => {} })
  const beats = new Set<() => void>()
  const push = createPush(view, {
    maxSubscribers: 10,
    onBeat(beat) {
      beats.add(beat)
      return () => beats.delete(beat)
    },
  })
  const subscribers: Duplex[] = []
  const http = createServer().on('upgrade', (request, socket, head) => {
    subscribers.push(socket)
    push.accept(request, socket, head, { to: 'registry', query: '' })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    push.close()
    view.close()
    await registry.close()
    await new Promise((resolve) => http.close(resolve))
  })
  const { port } = http.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/api/registry`,
    subscribers,
    beat() {
      for (const beat of beats) beat()
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
