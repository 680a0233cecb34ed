/**
 * A writer killed at each of its system calls. What it does is recorded first; then it is killed on entering each call on
 * the registry, which is not executed any more: between two of them nothing on disk can differ. The short form leaves out
 * those that find the disk as the one before them did.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { inParallel } from '../../support/in-parallel.js'
import { indexIds, indexIdsOrNone } from '../../support/index-file.js'
import { isLong } from '../../support/length.js'
import { createNeighbourhood, type Neighbourhood } from '../../support/neighbourhood.js'
import { type Step, type Stepper, startStepper } from '../../support/stepper.js'
import { attachWaiting, labelsOf, needStrace, type SystemCall } from '../../support/strace.js'

interface Phase {
  readonly what: string
  readonly before: readonly Step[]
  readonly step: Step
  /** Nobody else is there, and neither is the directory. */
  readonly isEmpty?: boolean
}

const phases: readonly Phase[] = [
  { what: 'a register', before: [], step: 'register' },
  { what: 'the first register of all', before: [], step: 'register', isEmpty: true },
  { what: 'a deregister', before: ['register', 'settle'], step: 'deregister' },
  { what: 'the clean-up at the end of a process', before: ['register', 'settle'], step: 'exit' },
]

/** Calls that change nothing on disk, whatever of ours they are made on. */
const isLook = /^((statx|newfstatat|pread64|getdents64|close) |openat (?!.*\.tmp$))/

/** Far more than the second for which a claim of the dead is respected, and far less than for ever. */
const heldUpMs = 10_000

/** The two others do the same at another time. */
const shortPhases = phases.filter(({ what }) => what === 'a register' || what === 'a deregister')

it.for((isLong ? phases : shortPhases).map((phase) => [phase.what, phase] as const))(
  '%s, killed at each system call, leaves every file whole and holds nobody up (row 1)',
  { timeout: 300_000 },
  async ([, phase], context) => {
    await needStrace(context)
    const calls = await record(phase)
    expect(labelsOf(calls)).toContainEqual(expect.stringMatching(/^(link|rename)\w* .*servers\.json$/))

    const places: Neighbourhood[] = []
    const left: string[] = []
    const failures: string[] = []
    const kill = async (position: number): Promise<void> => {
      try {
        const place = await killAt(phase, calls.slice(0, position + 1), places)
        left.push(...place.leftOvers())
      } catch (error) {
        failures.push(`call ${position + 1}, ${calls[position]?.label}: ${error}`)
      }
    }
    try {
      const positions = [...calls.keys()].filter(
        (position) => isLong || !isLook.test(calls[position - 1]?.label ?? ''),
      )
      await inParallel(
        3,
        positions.map((position) => () => kill(position)),
      )
      expect(failures.join('\n')).toBe('')
      expect(left.length).toBeGreaterThan(0)
      await expectSwept(places)
      console.log(
        `${phase.what}: killed at ${positions.length} of ${calls.length} calls; ${left.length} claims and temporaries left, all swept`,
      )
    } finally {
      await Promise.all(places.map((place) => place[Symbol.asyncDispose]()))
    }
  },
)

/** The calls on the registry in one step that nothing disturbs, in order. Fails if another thread made any. */
async function record(phase: Phase): Promise<SystemCall[]> {
  const [ofAllThreads, ofMainThread] = await inParallel(
    2,
    [true, false].map((threads) => () => recordShortest(phase, threads)),
  )
  expect(labelsOf(ofAllThreads ?? [])).toEqual(labelsOf(ofMainThread ?? []))
  return ofMainThread ?? []
}

/** Of two: a writer that was slow looks once more. */
async function recordShortest(phase: Phase, threads: boolean): Promise<SystemCall[]> {
  const recordings: SystemCall[][] = []
  for (let time = 0; time < 2; time += 1) recordings.push(await recordOnce(phase, threads))
  return recordings.reduce((shortest, other) => (other.length < shortest.length ? other : shortest))
}

async function recordOnce(phase: Phase, threads: boolean): Promise<SystemCall[]> {
  await using place = await createNeighbourhood({ isEmpty: phase.isEmpty, isIdle: true })
  const victim = await startVictim(phase, place)
  const tracer = await attachWaiting(victim.pid, place.path, { threads })
  await victim.run(phase.step)
  if (phase.step === 'exit') await tracer.ended
  else await tracer.detach()
  return tracer.calls()
}

async function startVictim({ before }: Phase, place: Neighbourhood): Promise<Stepper> {
  const victim = await startStepper({ home: place.path, id: 'victim' })
  place.onCleanUp(victim.kill)
  for (const step of before) expect(await victim.run(step)).toMatch(/^registered|^settled/)
  return victim
}

/** Kills a writer at the last of these calls, and looks at what it leaves to others. */
async function killAt(
  phase: Phase,
  calls: readonly SystemCall[],
  places: Neighbourhood[],
  tries = 5,
): Promise<Neighbourhood> {
  const last = calls.at(-1)
  if (last === undefined) throw new Error('no call to be killed at')
  const place = await createNeighbourhood({ isEmpty: phase.isEmpty, isIdle: true })
  const victim = await startVictim(phase, place)
  const inject = [`${last.name}:signal=KILL:when=${last.nth}`]
  const tracer = await attachWaiting(victim.pid, place.path, { inject })
  victim.send(phase.step)
  const isKilled = /SIGKILL/.test(`${await Promise.race([victim.answer(), victim.ended])}`)
  if (isKilled) await tracer.ended // by then it has printed all that it saw
  // A busy machine can shift what depends on time. Then it is another experiment, and this one is made again.
  const isIntended = isKilled && labelsOf(tracer.calls()).join() === labelsOf(calls).join()
  if (!isIntended && tries > 1) {
    await place[Symbol.asyncDispose]()
    return killAt(phase, calls, places, tries - 1)
  }
  places.push(place)
  expect(isKilled).toBe(true)
  expect(labelsOf(tracer.calls())).toEqual(labelsOf(calls))
  expect(tracer.output().trimEnd()).toMatch(/= \?\n\+\+\+ killed by SIGKILL \+\+\+$/)

  place.expectWhole([], ['victim'])
  const start = performance.now()
  const next = await place.registry.register({ id: 'next', port: 4000 })
  expect(performance.now() - start).toBeLessThan(heldUpMs)
  place.expectWhole(['next'], ['next', 'victim'])
  const live = (await place.registry.list()).map(({ id }) => id).sort()
  expect(live).toEqual([...place.ids, 'next'].sort())
  await next.close()
  expect(indexIds(place.indexPath)).not.toContain('next')
  return place
}

/** Has a hub's view opened on each, and waits until nothing of the dead is left. */
async function expectSwept(places: readonly Neighbourhood[]): Promise<void> {
  for (const place of places) place.onCleanUp(place.registry.watch(() => {}))
  const left = (): string[] => {
    for (const place of places) place.age() // each time: burying the dead leaves something as well
    return places.flatMap((place) => place.leftOvers())
  }
  await expect.poll(left, { timeout: 60_000 }).toEqual([])
  for (const place of places) {
    await expect.poll(() => indexIdsOrNone(place.indexPath)).toEqual(place.ids)
    const files = readdirSync(join(place.path, 'servers.d'))
    expect(files).toEqual(place.ids.includes('neighbour') ? ['neighbour.json'] : [])
  }
}
