import { expect, it } from 'vitest'
import { WsyardError } from '../core/index.js'
import type { Driver, ViewListener } from './drivers/driver.js'
import { createMemoryDriver } from './drivers/memory.js'
import { createWatching } from './watching.js'

it('tells of no list before there is one: it is unknown, and not empty', async () => {
  let heard: ViewListener | undefined
  const driver: Driver = {
    ...createMemoryDriver(),
    async view(listener) {
      heard = listener
      listener.onProblem(new WsyardError('WSYARD_ERR_REGISTRY_UNREADABLE', 'down'))
      return { check() {}, close() {} }
    },
  }
  const told: string[] = []
  const watching = createWatching(driver, () => {})
  const watch = (name: string) =>
    watching.watch((event) => told.push(`${name} ${event.type}`), {
      onProblem: (problem) => told.push(`${name} ${problem?.message ?? 'well'}`),
    })
  watch('early')
  await expect.poll(() => told).toEqual(['early down'])
  watch('late')
  await expect.poll(() => told).toEqual(['early down', 'late down'])
  heard?.onEntries(new Map(), () => 'deregistered')
  heard?.onProblem(undefined)
  await expect
    .poll(() => told.slice(2).sort())
    .toEqual(['early snapshot', 'early well', 'late snapshot', 'late well'])
  watching.close()
})
