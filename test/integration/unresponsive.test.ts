/** Servers that live and do not answer, as a watcher sees them. The tests take half a minute, and run side by side. */
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { openRegistry, type WatchEvent } from '../../src/registry/index.js'
import {
  createTestHome,
  type EchoServer,
  listening,
  projectRoot,
  startProcess,
  type TestHome,
} from '../support/processes.js'

const long = { timeout: 40_000, interval: 200 }

/** What a watcher is told of one server, as `added up`, `updated unresponsive` and so on. */
function follow(home: TestHome): (id: string) => string[] {
  const registry = openRegistry({ home: home.path })
  const events: WatchEvent[] = []
  registry.watch((event) => events.push(event))
  home.onCleanUp(() => registry.close())
  return (id) =>
    events
      .flatMap((event) =>
        event.type === 'change'
          ? event.changes
          : event.entries.map((entry) => ({ type: 'added' as const, entry })),
      )
      .filter(({ entry }) => entry.id === id)
      .map(({ type, entry }) => `${type} ${entry.state}`)
}

async function startListener(home: TestHome, ...args: string[]): Promise<EchoServer> {
  const script = join(projectRoot, 'test/support/listener.js')
  const env = { SHIPYARD_HOME: home.path }
  return home.own(await listening(startProcess(process.execPath, [script, ...args], { env })))
}

function writeForeign(home: TestHome, { id, port, pid }: EchoServer): void {
  mkdirSync(home.path, { recursive: true })
  writeFileSync(home.indexPath, JSON.stringify({ servers: [{ id, port, pid }] }))
}

const connections = (server: EchoServer): number => server.output().split('connection').length - 1

describe.concurrent('a server that lives', () => {
  it('and hangs is unresponsive, not gone, and up again when it answers', async ({ expect }) => {
    await using home = createTestHome()
    const told = follow(home)
    const server = await startListener(home, '--managed')
    server.child.kill('SIGUSR2')
    await server.printed(/hanging/)
    const expected = ['added up', 'updated unresponsive', 'updated up']
    await expect.poll(() => told(server.id), long).toEqual(expected)
  })

  it.for([
    ['by file', '--managed'],
    ['in the index alone', '--foreign'],
  ] as const)(
    'and is stopped is unresponsive until it is continued (registered %s)',
    async ([, mode], { expect }) => {
      await using home = createTestHome()
      const told = follow(home)
      const server = await startListener(home, mode)
      if (mode === '--foreign') writeForeign(home, server)
      await expect.poll(() => told(server.id)).toEqual(['added up'])
      server.child.kill('SIGSTOP')
      await expect.poll(() => told(server.id), long).toEqual(['added up', 'updated unresponsive'])
      server.child.kill('SIGCONT')
      const expected = ['added up', 'updated unresponsive', 'updated up']
      await expect.poll(() => told(server.id), long).toEqual(expected)
    },
  )

  it('is asked a few times a minute if it registered, and never if it wrote a line into the index', async ({
    expect,
  }) => {
    await using home = createTestHome()
    const told = follow(home)
    const foreign = await startListener(home)
    writeForeign(home, foreign)
    const ours = await startListener(home, '--managed')
    await expect.poll(() => [told(foreign.id), told(ours.id)]).toEqual([['added up'], ['added up']])
    await expect.poll(() => connections(ours), long).toBe(2)
    expect(connections(foreign)).toBe(0)
    expect(told(ours.id)).toEqual(['added up'])
  })

  it('and does not listen is unresponsive, whatever its pid says', async ({ expect }) => {
    await using home = createTestHome()
    await using registry = openRegistry({ home: home.path })
    const told = follow(home)
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const { id } = await registry.register(port)
    await expect.poll(() => told(id), long).toEqual(['added up', 'updated unresponsive'])
  })
})
