/** The schedule of a random run is a function of its seed, and one that can be played. */
import { expect, it } from 'vitest'
import { createSchedule, firstProcesses } from './schedule.js'

const options = { seed: 1, seconds: 60, processes: 200 }

it('is the same for the same seed and another for another', () => {
  expect(createSchedule(options)).toEqual(createSchedule(options))
  expect(createSchedule({ ...options, seed: 2 })).not.toEqual(createSchedule(options))
})

it('has some of everything, in order of time', () => {
  const actions = createSchedule(options)
  expect(new Set(actions.map((action) => action.do))).toEqual(
    new Set([
      ...['start', 'kill', 'end', 'stop', 'continue', 'list', 'register', 'deregister'],
      ...['add line', 'remove line', 'rm index', 'rm home'],
    ]),
  )
  const times = actions.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

it('has members killed and stopped in the place of what happens to a disk, one at a time, where there are leases', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const actions = createSchedule({ ...options, seed, ttl: 5 }).map((action) => action.do)
    expect(actions).not.toContain('rm home')
    expect(actions).not.toContain('add line')
    const ofMembers = actions.filter((what) => what.endsWith('member'))
    expect(ofMembers).toEqual(expect.arrayContaining(['kill member', 'stop member']))
    for (const [position, what] of ofMembers.entries())
      expect(what === 'restore member').toBe(position % 2 === 1)
  }
})

it('tells processes only what they can do: those that are there, and each run once', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const there = new Set(firstProcesses(options))
    const stopped = new Set<string>()
    const ended = new Set<string>()
    const runs = new Set<string>()
    const wrong: string[] = [] // an `expect` for each of them would take ten times as long
    for (const action of createSchedule({ ...options, seed })) {
      const must = (holds: boolean, what: string): void => {
        if (!holds) wrong.push(`${what}: ${JSON.stringify(action)}`)
      }
      if (action.do === 'start') there.add(action.process)
      else if ('process' in action && action.do !== 'continue')
        must(there.has(action.process), 'it is not there')
      if (action.do === 'register') {
        must(!runs.has(action.run), 'the run has been')
        runs.add(action.run)
      }
      if (action.do === 'deregister') must(runs.has(action.run), 'there was no such run')
      if (action.do === 'stop') stopped.add(action.process)
      if (action.do === 'continue') stopped.delete(action.process)
      if (action.do === 'end') must(!stopped.has(action.process), 'it is stopped')
      if (action.do === 'kill' || action.do === 'end') {
        there.delete(action.process)
        ended.add(action.process)
      }
    }
    expect([seed, ...wrong]).toEqual([seed])
    expect([...stopped].filter((process) => !ended.has(process))).toEqual([])
  }
})
