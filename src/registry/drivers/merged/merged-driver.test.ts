import { expect, it } from 'vitest'
import type { ManagedEntry, WsyardError } from '../../../core/index.js'
import { type Driver, idTaken } from '../driver.js'
import { createMemoryDriver } from '../memory.js'
import { mergeDrivers } from './merged-driver.js'

function entry(id: string): ManagedEntry {
  const startedAt = '2026-01-01T00:00:00Z'
  return { id, instance: id.repeat(32), port: 8080, pid: 1, machine: 'away.0', startedAt, state: 'up' }
}

/** Takes what is put only once it is told to, and says what is done with it. */
function createLate(): { driver: Driver; told: string[]; goOn: () => void } {
  const told: string[] = []
  let goOn = (): void => {}
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const driver: Driver = {
    ...createMemoryDriver(),
    async put({ id }) {
      await gate
      told.push(`put ${id}`)
    },
    release: ({ id }) => void told.push(`release ${id}`),
    async remove(id) {
      told.push(`remove ${id}`)
      return true
    },
  }
  return { driver, told, goOn }
}

it('leaves an entry behind in a registry that takes it late', async () => {
  const { driver, told, goOn } = createLate()
  const merged = mergeDrivers(createMemoryDriver(), [driver], () => {})
  await merged.put(entry('a')) // which does not wait for it
  merged.release(entry('a'))
  const closing = merged.close()
  goOn()
  await closing
  expect(told).toEqual(['put a', 'release a'])
})

it('leaves an entry behind in one registry while another does not take it', async () => {
  const [late, prompt] = [createLate(), createLate()]
  prompt.goOn()
  const merged = mergeDrivers(createMemoryDriver(), [late.driver, prompt.driver], () => {})
  await merged.put(entry('a'))
  merged.release(entry('a'))
  await merged.close()
  expect(prompt.told).toEqual(['put a', 'release a'])
  expect(late.told).toEqual([])
})

it('takes out again what has left before the other registry took it', async () => {
  const { driver, told, goOn } = createLate()
  const merged = mergeDrivers(createMemoryDriver(), [driver], () => {})
  await merged.put(entry('a'))
  await merged.remove('a', entry('a').instance)
  goOn()
  await expect.poll(() => told).toEqual(['remove a', 'put a', 'remove a'])
})

it('has in the first what another refuses, and says so', async () => {
  const first = createMemoryDriver()
  const other: Driver = {
    ...createMemoryDriver(),
    source: 'etcd://far',
    put: (one) => Promise.reject(idTaken({ ...one, port: 9 })),
  }
  const warnings: WsyardError[] = []
  await mergeDrivers(first, [other], (warning) => warnings.push(warning)).put(entry('a'))
  expect((await first.list()).map(({ id }) => id)).toEqual(['a'])
  expect(warnings).toMatchObject([{ code: 'WSYARD_ERR_ID_TAKEN', id: 'a' }])
  expect(warnings[0]?.message).toMatch(/^etcd:\/\/far does not have .*: Cannot register "a": a live server/)
})

it('tells of each run of an id that has left, once', async () => {
  const gone = (startedAt: string) => ({
    entry: { ...entry('a'), startedAt },
    reason: 'exited' as const,
    removedAt: startedAt,
  })
  const [monday, tuesday] = [gone('2026-01-05T00:00:00Z'), gone('2026-01-06T00:00:00Z')]
  const [first, second] = [[tuesday], [tuesday, monday]].map(
    (removed): Driver => ({ ...createMemoryDriver(), removed: async () => removed }),
  )
  if (first === undefined || second === undefined) throw new Error('there are two')
  expect(await mergeDrivers(first, [second], () => {}).removed()).toEqual([tuesday, monday])
})
