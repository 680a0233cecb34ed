/**
 * Ids that differ in case alone, where the file system does not tell them apart. Such a one is not at hand everywhere:
 * here the file of `worker` is given the name that `Worker` would have.
 */
import { copyFileSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FileDriver } from '../../../src/registry/drivers/file/file-driver.js'
import { createMemoryRegistry, openRegistry } from '../../../src/registry/index.js'
import { createTestHome, type TestHome } from '../../support/processes.js'
import { startStepper } from '../../support/stepper.js'

const filesIn = (home: TestHome): string[] => readdirSync(join(home.path, 'servers.d'))

/** A server `worker` in a process of its own, whose file has the name of another id. */
async function startWorker(home: TestHome) {
  const worker = await startStepper({ home: home.path, id: 'worker', port: 4001 })
  home.onCleanUp(worker.kill)
  expect(await worker.run('register')).toMatch(/^registered/)
  const file = join(home.path, 'servers.d', 'Worker.json')
  renameSync(join(home.path, 'servers.d', 'worker.json'), file)
  return { ...worker, file }
}

it('the second of them is refused while the server of the first lives, and nothing takes away its file', async () => {
  await using home = createTestHome()
  const worker = await startWorker(home)
  const before = readFileSync(worker.file, 'utf8')
  await using registry = openRegistry({ home: home.path })
  await expect(registry.register({ id: 'Worker', port: 4002 })).rejects.toMatchObject({
    code: 'WSYARD_ERR_ID_TAKEN',
    id: 'Worker',
    message: expect.stringMatching(
      `^Cannot register "Worker": .* the id "worker", .* \\(port 4001, pid ${worker.pid}\\)\\. Choose another id`,
    ),
  })
  expect(await registry.deregister('Worker')).toBe(false)
  const { entry } = await createMemoryRegistry().register({ id: 'Worker', port: 4002 })
  new FileDriver({ home: home.path, onWarning: () => {} }).removeAtExit([entry]) // it ends before it is told
  expect(readFileSync(worker.file, 'utf8')).toBe(before)
  expect(filesIn(home)).toEqual(['Worker.json'])
})

it('the second of them is registered when the server of the first has been killed', async () => {
  await using home = createTestHome()
  const worker = await startWorker(home)
  await worker.kill()
  await using registry = openRegistry({ home: home.path })
  await registry.register({ id: 'Worker', port: 4002 })
  expect(await registry.list()).toMatchObject([{ id: 'Worker', port: 4002 }])
  expect(filesIn(home)).toEqual(['Worker.json'])
})

it('ids that differ in more keep nobody from mending the own file', async () => {
  await using home = createTestHome()
  const entries = createMemoryRegistry()
  const driver = new FileDriver({ home: home.path, onWarning: () => {} })
  const { entry: worker } = await entries.register({ id: 'worker', port: 4001 })
  const { entry: other } = await entries.register({ id: 'other', port: 4002 })
  await driver.put(worker)
  await driver.put(other)
  const file = (name: string): string => join(home.path, 'servers.d', name)
  copyFileSync(file('other.json'), file('worker.json'))
  await driver.put(worker)
  await driver.close()
  expect((await driver.list()).map(({ id }) => id).sort()).toEqual(['other', 'worker'])
})
