import { beforeEach, describe, expect, it } from 'vitest'
import { type Entry, type ManagedEntry, WsyardError } from '../../../core/index.js'
import { thisMachine } from '../../listening.js'
import type { Driver, ViewListener } from '../driver.js'
import { createMemoryDriver } from '../memory.js'
import { openMergedView } from './merged-view.js'

/** Of another machine. */
function entry(id: string, instance: string, port = 8080): ManagedEntry {
  return { id, instance, port, pid: 1, machine: 'away.0', startedAt: '2026-01-01T00:00:00Z', state: 'up' }
}

function ownEntry(id: string, instance: string, port = 8080): ManagedEntry {
  return { ...entry(id, instance, port), pid: process.pid, machine: thisMachine() }
}

/** What a listener knows, and what it was told. */
function createKnown() {
  const entries = new Map<string, Entry>()
  const told: string[] = []
  const problems: (string | undefined)[] = []
  const listener: ViewListener = {
    onEntries(all) {
      entries.clear()
      for (const [id, one] of all) entries.set(id, one)
      told.push('all')
    },
    onChanges(changed) {
      for (const [id, one] of changed) {
        if (one === undefined) entries.delete(id)
        else entries.set(id, one)
        told.push(`${id} ${one?.port ?? 'gone'}`)
      }
    },
    onProblem: (problem) => problems.push(problem?.message),
  }
  return { entries, told, problems, listener }
}

/** A driver whose view says what the test has it say. */
function createTold(): { driver: Driver; listener: () => ViewListener } {
  let heard: ViewListener | undefined
  const driver: Driver = {
    ...createMemoryDriver(),
    async view(listener) {
      heard = listener
      return { check() {}, close() {} }
    },
  }
  const listener = (): ViewListener => {
    if (heard === undefined) throw new Error('nobody listens')
    return heard
  }
  return { driver, listener }
}

describe('the view of two registries', () => {
  let [first, second] = [createMemoryDriver(), createMemoryDriver()]
  let known = createKnown()
  beforeEach(() => {
    ;[first, second] = [createMemoryDriver(), createMemoryDriver()]
    known = createKnown()
  })

  it('has the entries of both, at once', async () => {
    await first.put(entry('a', '1'))
    await second.put(entry('b', '2'))
    await openMergedView([first, second], known.listener)
    expect([...known.entries.keys()]).toEqual(['a', 'b'])
    expect(known.told).toEqual(['all'])
  })

  it('has what comes and goes in either', async () => {
    await openMergedView([first, second], known.listener)
    await second.put(entry('b', '2'))
    await first.put(entry('a', '1'))
    await second.remove('b', '2')
    expect([...known.entries.keys()]).toEqual(['a'])
  })

  it('has of one run the entry of the first', async () => {
    await openMergedView([first, second], known.listener)
    await second.put(entry('a', '1', 8081))
    await first.put(entry('a', '1', 8080))
    expect(known.entries.get('a')?.port).toBe(8080)
  })

  it('never shows again in the second what has left the first', async () => {
    await first.put(entry('a', '1', 8080))
    await second.put(entry('a', '1', 8081))
    await openMergedView([first, second], known.listener)
    await first.remove('a', '1')
    expect(known.entries.size).toBe(0)
    await second.put(entry('b', '2'))
    expect([...known.entries.keys()]).toEqual(['b'])
  })

  it('shows again what comes back to the first, and another run of it in the second', async () => {
    await first.put(entry('a', '1', 8080))
    await second.put(entry('a', '1', 8081))
    await openMergedView([first, second], known.listener)
    await first.remove('a', '1')
    await first.put(entry('a', '1', 8080))
    expect(known.entries.get('a')?.port).toBe(8080)
    await first.remove('a', '1')
    await second.remove('a', '1')
    await second.put(entry('a', '2', 8082))
    expect(known.entries.get('a')?.port).toBe(8082)
  })

  it('takes the entry of the first where both have other servers under one id, and of the second when that goes', async () => {
    await first.put(entry('a', '1', 8080))
    await second.put(entry('a', '2', 8081))
    await openMergedView([first, second], known.listener)
    expect(known.entries.get('a')?.port).toBe(8080)
    await first.remove('a', '1')
    expect(known.entries.get('a')?.port).toBe(8081)
  })

  it('waits a moment for the first to tell of a server of this machine', async () => {
    await openMergedView([first, second], known.listener)
    await second.put(ownEntry('a', '1', 8081))
    await first.put(ownEntry('a', '1', 8080))
    await second.remove('a', '1')
    await first.remove('a', '1')
    expect(known.told).toEqual(['all', 'a gone', 'a 8080', 'a 8080', 'a gone'])
  })

  it('shows a server of this machine that the second alone has, after that moment', async () => {
    await second.put(ownEntry('early', '1'))
    await openMergedView([first, second], known.listener)
    expect([...known.entries.keys()]).toEqual(['early'])
    await second.put(ownEntry('late', '2'))
    expect([...known.entries.keys()]).toEqual(['early'])
    await expect.poll(() => [...known.entries.keys()]).toEqual(['early', 'late'])
  })

  it('tells of the problem of one, and of its end, while the other goes on', async () => {
    const broken = createTold()
    const opening = openMergedView([first, broken.driver], known.listener)
    broken.listener().onProblem(new WsyardError('WSYARD_ERR_REGISTRY_UNREADABLE', 'etcd is down'))
    await opening
    await first.put(entry('a', '1'))
    expect(known.problems).toEqual(['etcd is down'])
    broken.listener().onProblem(undefined)
    expect(known.problems).toEqual(['etcd is down', undefined])
    expect([...known.entries.keys()]).toEqual(['a'])
  })

  it('does not wait for the second to be there', async () => {
    const hung: Driver = { ...second, view: () => new Promise(() => {}) }
    await first.put(entry('a', '1'))
    await openMergedView([first, hung], known.listener)
    expect([...known.entries.keys()]).toEqual(['a'])
  })

  it('rejects when the first cannot be followed', async () => {
    const failing: Driver = { ...first, view: () => Promise.reject(new Error('unreadable')) }
    await expect(openMergedView([failing, second], known.listener)).rejects.toThrow('unreadable')
  })

  it('closes the others when the first cannot be followed', async () => {
    let open = 0
    const failing: Driver = { ...first, view: () => Promise.reject(new Error('unreadable')) }
    const other: Driver = {
      ...second,
      async view() {
        open += 1
        return {
          check() {},
          close() {
            open -= 1
          },
        }
      },
    }
    await expect(openMergedView([failing, other], known.listener)).rejects.toThrow()
    await expect.poll(() => open).toBe(0)
  })

  it('goes on without a second that cannot be opened, and says so in its name', async () => {
    const unreadable = new WsyardError('WSYARD_ERR_REGISTRY_URL', 'no such key')
    const failing: Driver = { ...second, source: 'etcd://far', view: () => Promise.reject(unreadable) }
    await first.put(entry('a', '1'))
    const problems: (WsyardError | undefined)[] = []
    const listener = { ...known.listener, onProblem: (problem?: WsyardError) => problems.push(problem) }
    await openMergedView([first, failing], listener)
    expect([...known.entries.keys()]).toEqual(['a'])
    expect(problems).toMatchObject([{ message: 'no such key', source: 'etcd://far' }])
  })
})

describe('the view of three registries', () => {
  let drivers = [createMemoryDriver(), createMemoryDriver(), createMemoryDriver()] as const
  let known = createKnown()
  beforeEach(async () => {
    drivers = [createMemoryDriver(), createMemoryDriver(), createMemoryDriver()]
    known = createKnown()
    await openMergedView(drivers, known.listener)
  })
  const port = (): number | undefined => known.entries.get('a')?.port

  it('shows again what comes back to the second after it had left that alone', async () => {
    const [, second, third] = drivers
    await second.put(entry('a', '1', 8081))
    await third.put(entry('a', '1', 8082))
    await second.remove('a', '1')
    expect(port()).toBeUndefined()
    await second.put(entry('a', '1', 8081))
    expect(port()).toBe(8081)
  })

  it('shows nowhere what has left the first, whichever of the others it leaves next', async () => {
    const [first, second, third] = drivers
    for (const [position, driver] of drivers.entries()) await driver.put(entry('a', '1', 8080 + position))
    await first.remove('a', '1')
    await third.remove('a', '1')
    expect(port()).toBeUndefined()
    await second.remove('a', '1')
    await third.put(entry('a', '1', 8082))
    expect(port()).toBe(8082) // it has come anew
  })
})
