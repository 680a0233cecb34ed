/**
 * A writer of the index that is stopped in the worst moment, between its last look at the index and the rename: others
 * write the index meanwhile, and then it renames its stale one over theirs. There is no hub.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { indexIds, indexIdsOrNone, readIndex } from '../../support/index-file.js'
import { createNeighbourhood, foreignLine, type Neighbourhood } from '../../support/neighbourhood.js'
import { startEchoServer } from '../../support/processes.js'
import { type Stepper, startStepper } from '../../support/stepper.js'
import { attach, attachWaiting, labelsOf, needStrace, type SystemCall } from '../../support/strace.js'

const renaming = /^rename\w* ~\/\.servers\.json\.\*\.tmp ~\/servers\.json$/

it.for([
  ['continued', 'registers'],
  ['continued', 'deregisters'],
  ['killed after it', 'registers'],
  ['killed after it', 'deregisters'],
] as const)(
  'the index is right again after a writer was stopped before its rename, and then %s, while a server %s (row 11)',
  { timeout: 120_000 },
  async ([end, change], context) => {
    await needStrace(context)
    const look = await lastLook()
    await using place = await createNeighbourhood()
    const other = change === 'deregisters' ? await startQuietServer(place) : undefined
    const stopped = await stopAfter(look, place)
    const late = change === 'registers' ? place.own(await startEchoServer(place.path)) : undefined
    if (other !== undefined) expect(await other.run('exit')).toMatch(/^ended \(0\)/)
    const ids = ['foreign', 'neighbour', 'stopped', ...(late === undefined ? [] : [late.id])].sort()
    await expectIndex(place, ids) // the others wait for the claim of the stopped one, but not for long
    expect(stateOf(stopped.pid)).toBe('T')

    if (end === 'continued') {
      stopped.child.kill('SIGCONT')
      expect(await stopped.answer()).toMatch(/^registered/)
      expect(indexIds(place.indexPath)).toEqual(ids) // it has looked again after its rename
    } else await killAfterRename(stopped, place)
    await expectIndex(place, ids)
    expect(readIndex(place.indexPath)).toContainEqual(foreignLine)
    const files = readdirSync(join(place.path, 'servers.d')).filter((name) => !name.startsWith('.'))
    expect(files.sort()).toEqual(ids.filter((id) => id !== 'foreign').map((id) => `${id}.json`))
  },
)

/** In the ten seconds that the row gives the servers that live. */
async function expectIndex(place: Neighbourhood, ids: readonly string[]): Promise<void> {
  await expect.poll(() => indexIdsOrNone(place.indexPath), { timeout: 10_000 }).toEqual(ids)
}

/** Starts a server that writes nothing until it ends: a look at the index by it would change what the writer does. */
async function startQuietServer(place: Neighbourhood): Promise<Stepper> {
  const server = await startStepper({ home: place.path, id: 'quiet' })
  place.onCleanUp(server.kill)
  expect(await server.run('register')).toMatch(/^registered/)
  expect(await server.run('settle')).toBe('settled')
  return server
}

/** Starts a writer and stops it when it has looked at the index for the last time before it renames its own. */
async function stopAfter(look: SystemCall, place: Neighbourhood): Promise<Stepper> {
  const writer = await startStepper({ home: place.path, id: 'stopped' })
  place.onCleanUp(writer.kill)
  const inject = [`${look.name}:signal=STOP:when=${look.nth}`]
  const tracer = await attachWaiting(writer.pid, place.path, { inject })
  writer.send('register')
  await tracer.printed(/stopped by SIGSTOP/) // after that call: a signal does not keep one from being executed
  await tracer.detach()
  await expect.poll(() => stateOf(writer.pid)).toBe('T')
  expect(labelsOf(tracer.calls()).at(-1)).toBe(look.label)
  return writer
}

/** The call before the rename of the index, as another writer makes it. */
async function lastLook(): Promise<SystemCall> {
  await using place = await createNeighbourhood()
  const writer = await startStepper({ home: place.path, id: 'stopped' })
  place.onCleanUp(writer.kill)
  const tracer = await attachWaiting(writer.pid, place.path)
  await writer.run('register')
  await tracer.detach()
  const calls = tracer.calls()
  const look = calls[calls.findIndex(({ label }) => renaming.test(label)) - 1]
  if (look === undefined) throw new Error(`no call before the rename: ${labelsOf(calls).join(', ')}`)
  return look
}

/** Continues a stopped writer and kills it at the first call after the rename. */
async function killAfterRename(writer: Stepper, place: Neighbourhood): Promise<void> {
  const inject = ['/^(statx|newfstatat|lstat|unlink):signal=KILL:when=1']
  const tracer = await attach(writer.pid, place.path, { inject })
  writer.child.kill('SIGCONT')
  expect(await writer.ended).toBe('SIGKILL')
  await tracer.ended
  expect(labelsOf(tracer.calls())).toEqual([
    expect.stringMatching(renaming),
    expect.stringContaining('.claim'),
  ])
  expect(tracer.output()).toMatch(/^rename\w*\(.* = 0\n/m)
}

/** `R`, `S`, `T` for stopped, and so on, as proc(5) has it. */
function stateOf(pid: number): string | undefined {
  return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
}
