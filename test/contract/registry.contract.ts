/** How every registry behaves, whatever keeps its entries. Each driver's test runs this suite. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import type { Entry, EntryState, Registry, WatchEvent } from '../../src/registry/index.js'

export interface RegistryUnderTest extends AsyncDisposable {
  readonly registry: Registry
  /** Another registry over the same entries, as another process would open it; the same one if there is no such thing. */
  readonly other: Registry
}

export function describeRegistry(
  name: string,
  open: () => Promise<RegistryUnderTest> | RegistryUnderTest,
): void {
  describe(`the ${name} registry`, () => {
    it('lists what was registered, with what every entry says of its process', async () => {
      await using test = await open()
      const { entry } = await test.registry.register({ port: 8080, name: 'worker-a', meta: { role: 'test' } })
      const [listed, ...others] = await test.other.list()
      expect(others).toEqual([])
      expect(listed).toEqual(entry)
      expect(listed).toMatchObject({
        id: expect.stringMatching(/^server-\d+-[a-z0-9]{6}$/),
        port: 8080,
        pid: process.pid,
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        name: 'worker-a',
        host: '127.0.0.1',
        auth: 'open',
        meta: { role: 'test' },
        instance: expect.stringMatching(/^[0-9a-f]{32}$/),
        state: 'up',
      })
    })

    it('says where a server belongs: in the directory of its process, or where it says', async () => {
      await using test = await open()
      await test.registry.register({ port: 8080 })
      const scope = { directory: '/srv/app', worktree: '/srv', branch: 'main' }
      await test.registry.register({ port: 8081, scope })
      const [own, told] = await test.other.list()
      expect(own?.scope).toMatchObject({ directory: process.cwd() })
      expect(told?.scope).toEqual(scope)
    })

    it('shows a server as orphaned once its owner has gone, in a list and in a watch', async () => {
      await using test = await open()
      const owner = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
      await once(owner, 'spawn')
      await test.registry.register({ port: 8080, owner: Number(owner.pid) })
      await test.registry.register({ port: 8081, owner: process.pid })
      const states = async () => (await test.other.list()).map(({ state }) => state)
      expect(await states()).toEqual(['up', 'up'])
      const seen: Entry[] = []
      await new Promise<void>((resolve) => {
        test.other.watch((event) => {
          if (event.type === 'change') seen.push(...event.changes.map(({ entry }) => entry))
          else resolve()
        })
      })
      owner.kill('SIGKILL')
      await once(owner, 'exit')
      expect(await states()).toEqual(['orphaned', 'up'])
      expect((await test.other.list({ patienceMs: 100 })).map(({ state }) => state)[0]).toBe('orphaned')
      await expect.poll(() => seen, { timeout: 10_000 }).toMatchObject([{ port: 8080, state: 'orphaned' }])
    })

    it('registers on behalf of another process, and leaves the entry to it when told so', async () => {
      await using test = await open()
      const server = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
      await once(server, 'spawn')
      const pid = Number(server.pid)
      const registration = await test.registry.register({ port: 8080, pid })
      expect((await test.other.list()).map((entry) => entry.pid)).toEqual([pid])
      registration.release()
      await registration.close()
      expect(await test.other.list()).toHaveLength(1)
      server.kill('SIGKILL')
      await once(server, 'exit')
      await expect(test.registry.register({ port: 8080, pid })).rejects.toMatchObject({
        code: 'WSYARD_ERR_ENTRY_INVALID',
        message: expect.stringContaining(`no process has the pid ${pid}`),
      })
    })

    it('prunes nothing that lives', async () => {
      await using test = await open()
      await test.registry.register({ port: 8080 })
      expect(await test.other.prune()).toEqual([])
      expect(await test.other.list()).toHaveLength(1)
    })

    it('tells which servers have left lately, and why', async () => {
      await using test = await open()
      const first = await test.registry.register({ port: 8080, name: 'first' })
      const second = await test.registry.register({ port: 8081, name: 'second' })
      expect(await test.other.removed()).toEqual([])
      await first.close()
      await second.close()
      expect(await test.other.removed()).toMatchObject([
        {
          reason: 'deregistered',
          entry: { id: second.id, name: 'second' },
          removedAt: expect.stringMatching(/Z$/),
        },
        { reason: 'deregistered', entry: { id: first.id, name: 'first' } },
      ])
    })

    it('lists nothing when there is nothing', async () => {
      await using test = await open()
      expect(await test.registry.list()).toEqual([])
    })

    it('lists the oldest first', async () => {
      await using test = await open()
      const ids = ['c', 'a', 'b']
      for (const [position, id] of ids.entries()) {
        vi.setSystemTime(new Date(2026, 0, 1, 0, 0, position))
        await test.registry.register({ port: 8080, id })
      }
      vi.useRealTimers()
      expect((await test.registry.list()).map(({ id }) => id)).toEqual(ids)
    })

    it('keeps every entry of many that are registered at once', async () => {
      await using test = await open()
      const ports = Array.from({ length: 50 }, (_, position) => 9000 + position)
      await Promise.all(ports.map((port) => test.registry.register({ port })))
      expect((await test.other.list()).map(({ port }) => port).sort()).toEqual(ports)
    })

    it('lets go of a registration that is closed, twice if need be', async () => {
      await using test = await open()
      const registration = await test.registry.register({ port: 8080 })
      await registration.close()
      await registration.close()
      expect(await test.registry.list()).toEqual([])
    })

    it('closes a registration at the end of its block', async () => {
      await using test = await open()
      {
        await using _registration = await test.registry.register({ port: 8080 })
        expect(await test.registry.list()).toHaveLength(1)
      }
      expect(await test.registry.list()).toEqual([])
    })

    it('deregisters by id, and says whether there was one', async () => {
      await using test = await open()
      const { id } = await test.registry.register({ port: 8080 })
      expect(await test.registry.deregister('nobody')).toBe(false)
      expect(await test.registry.deregister(id)).toBe(true)
      expect(await test.registry.deregister(id)).toBe(false)
      expect(await test.registry.list()).toEqual([])
    })

    it('registers a server of any kind by its port, and lets go of it when it closes', async () => {
      await using test = await open()
      const http = createHttpServer()
      const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
      const net = createNetServer()
      for (const server of [http, net]) server.listen(0, '127.0.0.1')
      await Promise.all([http, net, sockets].map((server) => once(server, 'listening')))
      const servers = [http, net, sockets]
      for (const [position, server] of servers.entries()) {
        await test.registry.register(server, { name: `server-${position}`, id: `id-${position}` })
      }
      const ports = servers.map((server) => (server.address() as AddressInfo).port)
      expect(await test.registry.list()).toMatchObject(
        ports.map((port, position) => ({ port, host: '127.0.0.1', name: `server-${position}` })),
      )
      for (const server of servers) server.close()
      await expect.poll(() => test.registry.list()).toEqual([])
    })

    it('registers a bare port', async () => {
      await using test = await open()
      await test.registry.register(8080, { name: 'worker-a' })
      expect(await test.registry.list()).toMatchObject([{ port: 8080, name: 'worker-a' }])
    })

    it('hangs nothing on a server that was registered and closed often', async () => {
      await using test = await open()
      const net = createNetServer().listen(0, '127.0.0.1')
      await once(net, 'listening')
      const before = net.listenerCount('close')
      for (let round = 0; round < 3; round += 1) await (await test.registry.register(net)).close()
      expect(net.listenerCount('close')).toBe(before)
      net.close()
    })

    it.each([
      ['does not listen yet', () => createNetServer()],
      ['has no port of its own', () => new WebSocketServer({ noServer: true })],
    ])('refuses a server that %s, saying what to do', async (problem, make) => {
      await using test = await open()
      await expect(test.registry.register(make())).rejects.toMatchObject({
        code: 'WSYARD_ERR_ENTRY_INVALID',
        message: expect.stringContaining(problem),
      })
      expect(await test.registry.list()).toEqual([])
    })

    it('refuses an id that a live server has, and leaves that server alone', async () => {
      await using test = await open()
      const { entry } = await test.registry.register({ port: 8080, id: 'mine' })
      await expect(test.other.register({ port: 8081, id: 'mine' })).rejects.toMatchObject({
        code: 'WSYARD_ERR_ID_TAKEN',
        message: expect.stringContaining('port 8080'),
      })
      expect(await test.registry.list()).toEqual([entry])
    })

    it('leaves alone what another run has registered under its id since', async () => {
      await using test = await open()
      const first = await test.registry.register({ port: 8080, id: 'mine' })
      await test.registry.deregister('mine')
      const second = await test.other.register({ port: 8081, id: 'mine' })
      await first.close()
      expect(await test.registry.list()).toEqual([second.entry])
    })

    it.each([
      [{ port: 0 }, 'port'],
      [{ port: 1.5 }, 'port'],
      [{ port: 8080, id: '../up' }, 'id'],
      [{ port: 8080, name: 'two words' }, 'name'],
      [{ port: 8080, host: 'user@host' }, 'host'],
      [{ port: 8080, meta: { big: 'x'.repeat(5000) } }, 'meta'],
    ])('refuses %o, naming the field, and registers nothing', async (options, field) => {
      await using test = await open()
      await expect(test.registry.register(options)).rejects.toMatchObject({
        code: 'WSYARD_ERR_ENTRY_INVALID',
        message: expect.stringContaining(field),
      })
      expect(await test.registry.list()).toEqual([])
    })

    it('tells a watcher first the whole, then every change once, in order', async () => {
      await using test = await open()
      const first = await test.registry.register({ port: 8080, id: 'first' })
      const events = watch(test.other)
      await vi.waitFor(() => expect(events).toHaveLength(1))
      expect(events[0]).toMatchObject({ type: 'snapshot', entries: [first.entry] })

      const second = await test.registry.register({ port: 8081, id: 'second' })
      await vi.waitFor(() => expect(changesOf(events)).toHaveLength(1))
      await first.close()
      await vi.waitFor(() => expect(changesOf(events)).toHaveLength(2))
      expect(changesOf(events)).toEqual([
        { type: 'added', entry: second.entry },
        { type: 'removed', entry: first.entry, reason: 'deregistered' },
      ])
      const start = events[0]?.revision ?? Number.NaN
      expect(events.map(({ revision }) => revision)).toEqual(events.map((_, position) => start + position))
      expect(new Set(events.map(({ epoch }) => epoch)).size).toBe(1)
    })

    it('goes on after the revision that a watcher has seen, while somebody watches', async () => {
      await using test = await open()
      const others = watch(test.other)
      const before: WatchEvent[] = []
      const undo = test.other.watch((event) => before.push(event))
      await vi.waitFor(() => expect(before).toHaveLength(1))
      undo()
      const { entry } = await test.registry.register({ port: 8080 })
      await vi.waitFor(() => expect(changesOf(others)).toHaveLength(1))

      const resumed: WatchEvent[] = []
      test.other.watch((event) => resumed.push(event), { from: before[0] as WatchEvent })
      await vi.waitFor(() => expect(resumed).toHaveLength(1))
      expect(resumed).toEqual(others.slice(1))
      expect(changesOf(resumed)).toEqual([{ type: 'added', entry }])

      const [unknown, yetToCome] = [{ epoch: 'other' }, { revision: 99 }].map((wrong) => {
        const told: WatchEvent[] = []
        test.other.watch((event) => told.push(event), { from: { ...(before[0] as WatchEvent), ...wrong } })
        return told
      })
      await vi.waitFor(() => expect([unknown, yetToCome].map((told) => told?.length)).toEqual([1, 1]))
      expect(entriesOf([...(unknown ?? []), ...(yetToCome ?? [])])).toEqual([entry, entry])
    })

    it('tells why an entry has gone, for each run of a server', async () => {
      await using test = await open()
      const events = watch(test.other)
      await vi.waitFor(() => expect(events).toHaveLength(1))
      const entries: Entry[] = []
      for (const port of [8080, 8081]) {
        const registration = await test.registry.register({ port, id: 'worker' })
        await vi.waitFor(() => expect(changesOf(events).at(-1)?.type).toBe('added'))
        await registration.close()
        await vi.waitFor(() => expect(changesOf(events).at(-1)?.type).toBe('removed'))
        entries.push(registration.entry)
      }
      expect(changesOf(events)).toEqual(
        entries.flatMap((entry) => [
          { type: 'added', entry },
          { type: 'removed', entry, reason: 'deregistered' },
        ]),
      )
    })

    it('shows a server unresponsive that does not answer, until it does', async () => {
      await using test = await open()
      let isSilent = true
      const server = createHttpServer((_, response) => {
        if (!isSilent) response.end()
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      vi.useFakeTimers({
        toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
      })
      try {
        const registering = test.registry.register(server)
        const events = watch(test.other)
        await vi.waitFor(() => expect([...entriesOf(events), ...changesOf(events)]).toHaveLength(1))
        const states = (): EntryState[] => {
          vi.advanceTimersByTime(500)
          return changesOf(events).map(({ entry }) => entry.state)
        }
        const patiently = { timeout: 20_000, interval: 20 }
        await vi.waitFor(() => expect(states()).toContain('unresponsive'), patiently)
        isSilent = false
        await vi.waitFor(() => expect(states().at(-1)).toBe('up'), patiently)
        await registering
      } finally {
        vi.useRealTimers()
        server.closeAllConnections()
        server.close()
      }
    })

    it('tells nothing more to a watcher that has been undone', async () => {
      await using test = await open()
      const events: WatchEvent[] = []
      const undo = test.other.watch((event) => events.push(event))
      const sentinel = watch(test.other)
      undo()
      undo()
      await test.registry.register({ port: 8080 })
      await vi.waitFor(() => expect([...changesOf(sentinel), ...entriesOf(sentinel)]).toHaveLength(1))
      expect(events).toEqual([])
    })

    it('leaves nothing of what was being registered while it was closed', async () => {
      await using test = await open()
      const registering = test.registry.register({ port: 8080 })
      const closing = test.registry.close()
      await expect(registering).rejects.toMatchObject({ code: 'WSYARD_ERR_REGISTRY_CLOSED' })
      await closing
      expect(await test.other.list()).toEqual([])
    })

    it('deregisters what it registered when it is closed, and registers nothing after', async () => {
      await using test = await open()
      await test.registry.register({ port: 8080 })
      await test.registry.close()
      await test.registry.close()
      if (test.other !== test.registry) expect(await test.other.list()).toEqual([])
      await expect(test.registry.register({ port: 8080 })).rejects.toMatchObject({
        code: 'WSYARD_ERR_REGISTRY_CLOSED',
      })
    })
  })
}

function watch(registry: Registry): WatchEvent[] {
  const events: WatchEvent[] = []
  registry.watch((event) => events.push(event))
  return events
}

function changesOf(events: readonly WatchEvent[]) {
  return events.flatMap((event) => (event.type === 'change' ? event.changes : []))
}

function entriesOf(events: readonly WatchEvent[]) {
  return events.flatMap((event) => (event.type === 'snapshot' ? event.entries : []))
}
