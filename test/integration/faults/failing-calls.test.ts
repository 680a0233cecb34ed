/**
 * The disk refuses a writer with EIO: each of its system calls once, as SQLite is tested, and each kind of them for as
 * long as it tries.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openRegistry } from '../../../src/registry/index.js'
import { inParallel } from '../../support/in-parallel.js'
import { indexIds } from '../../support/index-file.js'
import { createNeighbourhood, type Neighbourhood } from '../../support/neighbourhood.js'
import { startStepper } from '../../support/stepper.js'
import { attachWaiting, needStrace, type SystemCall } from '../../support/strace.js'

/** Node itself cannot live without these for long. Real disks that refuse writes are in `full-disk.test.ts`. */
const isOfTheProgram = /^(write|writev|close)$/

const typed = /^failed WSYARD_ERR_REGISTRY_(UNWRITABLE|UNREADABLE): /

it('a register, failed by EIO at each system call once, is done or throws a typed error, and then works (row 2)', {
  timeout: 300_000,
}, async (context) => {
  await needStrace(context)
  const calls = (await record()).filter(({ name }) => name !== 'writev')
  const outcomes = await inParallel(
    3,
    calls.map((call, position) => async () => ({
      call: `call ${position + 1}, ${call.label}`,
      outcome: await failWith(`${call.name}:error=EIO:when=${call.nth}`, 'once').catch(String),
    })),
  )
  expect(outcomes.filter(({ outcome }) => !isSurvived(outcome))).toEqual([])
  const named = calls.findIndex(({ label }) => /^link\w* .*\/writer\.json$/.test(label))
  expect(named).toBeGreaterThan(2)
  const failed = outcomes.map(({ outcome }) => outcome.startsWith('failed'))
  expect(failed).toEqual(calls.map((_, position) => position < named)) // once its file has its name, it is registered
})

it('a register, failed by EIO at one kind of system call for good, throws a typed error until it works (row 2)', {
  timeout: 300_000,
}, async (context) => {
  await needStrace(context)
  const names = new Set((await record()).map(({ name }) => name).filter((name) => !isOfTheProgram.test(name)))
  const outcomes = await inParallel(
    3,
    [...names].map((name) => async () => ({
      name,
      outcome: await failWith(`${name}:error=EIO`, 'for good').catch(String),
    })),
  )
  expect(outcomes.filter(({ outcome }) => !isSurvived(outcome))).toEqual([])
  const failed = outcomes.filter(({ outcome }) => outcome.startsWith('failed')).map(({ name }) => name)
  expect(failed).toContain('openat')
})

function isSurvived(outcome: string): boolean {
  return outcome.startsWith('registered') || typed.test(outcome)
}

/** The calls on the registry in one register. */
async function record(): Promise<SystemCall[]> {
  await using place = await createNeighbourhood()
  const writer = await startStepper({ home: place.path, id: 'writer' })
  place.onCleanUp(writer.kill)
  const tracer = await attachWaiting(writer.pid, place.path)
  await writer.run('register')
  await tracer.detach()
  return tracer.calls()
}

/** Lets one register meet a fault, and looks that nothing is lost and that the next try works. Returns how it went. */
async function failWith(fault: string, duration: 'once' | 'for good'): Promise<string> {
  await using place = await createNeighbourhood()
  const writer = await startStepper({ home: place.path, id: 'writer' })
  place.onCleanUp(writer.kill)
  const before = readFileSync(place.indexPath, 'utf8')
  const tracer = await attachWaiting(writer.pid, place.path, { inject: [fault] })
  const outcome = await writer.run('register')
  expect(tracer.output()).toContain('(INJECTED)')
  place.expectWhole([], ['writer'])
  if (outcome.startsWith('failed')) {
    expect(readFileSync(place.indexPath, 'utf8')).toBe(before)
    expect(hasFile(place)).toBe(false)
    if (duration === 'for good') expect(await writer.run('register')).toMatch(/^failed/)
  } else expect(hasFile(place)).toBe(true)
  await tracer.detach()

  if (outcome.startsWith('failed')) expect(await writer.run('register')).toMatch(/^registered/)
  else {
    // Registered all the same, with the index perhaps behind: whoever comes next brings it in step.
    const registry = openRegistry({ home: place.path })
    place.onCleanUp(() => registry.close())
    await registry.register({ id: 'next', port: 4000 })
  }
  expect(indexIds(place.indexPath)).toEqual(expect.arrayContaining([...place.ids, 'writer']))
  place.expectWhole(['writer'], ['next', 'writer'])
  return outcome
}

function hasFile(place: Neighbourhood): boolean {
  try {
    readFileSync(join(place.path, 'servers.d/writer.json'))
    return true
  } catch {
    return false
  }
}
