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

it('tells processes only what they can do: those that are there, and each run once', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const there = new Set(firstProcesses(options))
    const stopped = new Set<string>()
    const ended = new Set<string>()
    const runs = new Set<string>()
    for (const action of createSchedule({ ...options, seed })) {
      if (action.do === 'start') there.add(action.process)
      else if ('process' in action && action.do !== 'continue')
        expect(there, JSON.stringify(action)).toContain(action.process)
      if (action.do === 'register') {
        expect(runs).not.toContain(action.run)
        runs.add(action.run)
      }
      if (action.do === 'deregister') expect(runs).toContain(action.run)
      if (action.do === 'stop') stopped.add(action.process)
      if (action.do === 'continue') stopped.delete(action.process)
      if (action.do === 'end') expect(stopped).not.toContain(action.process)
      if (action.do === 'kill' || action.do === 'end') {
        there.delete(action.process)
        ended.add(action.process)
      }
    }
    expect([...stopped].filter((process) => !ended.has(process))).toEqual([])
  }
})
