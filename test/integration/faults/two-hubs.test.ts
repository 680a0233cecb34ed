/** Several hubs over one registry: each tells the same story of a server, whichever of them does the tidying up. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FileDriver } from '../../../src/registry/drivers/file/file-driver.js'
import { createMemoryRegistry } from '../../../src/registry/index.js'
import { createTestHome, startEchoServer, type TestHome } from '../../support/processes.js'
import { startStepper } from '../../support/stepper.js'
import { attach, needStrace } from '../../support/strace.js'
import { startObserver } from '../../support/surroundings.js'

const patiently = { timeout: 30_000 }

it.each([
  ['was killed has exited', 'SIGKILL', 'exited'],
  ['takes its entry away and ends has deregistered', 'SIGTERM', 'deregistered'],
] as const)('a server that %s, say all hubs', { timeout: 120_000 }, async (_, signal, reason) => {
  await using home = createTestHome()
  const hubs = await Promise.all([1, 2, 3].map(() => startObserver(home)))
  const servers = await Promise.all(Array.from({ length: 12 }, () => startEchoServer(home.path)))
  for (const server of servers) home.own(server)
  const ids = servers.map(({ id }) => id).sort()
  for (const hub of hubs) await expect.poll(hub.ids, patiently).toEqual(ids)
  for (const server of servers) await server.stop(signal) // one by one, for the hubs to compete for each
  for (const hub of hubs) await expect.poll(hub.ids, patiently).toEqual([])
  const story = ids.map((id) => `${id} ${reason}`)
  for (const hub of hubs)
    expect(
      hub
        .replay()
        .removed.map(({ id, reason }) => `${id} ${reason}`)
        .sort(),
    ).toEqual(story)
})

it('a server that is started anew while a hub buries the one before is not buried with it', async (context) => {
  await needStrace(context)
  await using home = createTestHome()
  const hub = await startObserver(home)
  const first = await startStepper({ home: home.path, id: 'worker' })
  home.onCleanUp(first.kill)
  expect(await first.run('register')).toMatch(/^registered/)
  await expect.poll(hub.ids, patiently).toEqual(['worker'])

  const tracer = await attach(hub.pid, home.path, {
    inject: ['/^(rename|unlink):delay_enter=2000000:when=1'],
  })
  await first.kill()
  await tracer.printed(/(rename|unlink)\w*\(/)
  const instance = await putOnce(home, 'worker')
  await tracer.printed(/(rename|unlink)\w*\(.*worker\.json.* = 0 \(DELAYED\)/)
  await tracer.detach()
  await expect.poll(() => instanceInFile(home, 'worker')).toBe(instance)
  await expect.poll(() => hub.replay().entries.get('worker')?.instance, patiently).toBe(instance)
})

/** Registers without looking after the entry: what is lost stays lost. Resolves to its instance. */
async function putOnce(home: TestHome, id: string): Promise<string> {
  const { entry } = await createMemoryRegistry().register({ id, port: 4000 })
  const driver = new FileDriver({ home: home.path, onWarning: () => {} })
  await driver.put(entry)
  await driver.close()
  return entry.instance
}

function instanceInFile(home: TestHome, id: string): unknown {
  const path = join(home.path, 'servers.d', `${id}.json`)
  return existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { instance: string }).instance
    : undefined
}
