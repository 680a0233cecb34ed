import { expect, it } from 'vitest'
import { conclude, type Outcome } from './conclude.js'
import { createGoal } from './goal.js'

const outcome: Outcome = {
  server: { id: 'server-1', name: 'worker-a', port: 8000, pid: 1, state: 'up' },
  ending: undefined,
  closing: { code: 1000, reason: '', isOurs: false, how: 'was closed by the server with 1000' },
  isLost: false,
  isUnsent: false,
  goal: createGoal({}),
  silenceHint: ' Add more.',
}
const atEnd = { isFine: true, isPatient: true }
const lost = { code: 1006, reason: '', isOurs: false, how: 'was lost' }

it('is good when the server closes with 1000, unless something was left over', () => {
  expect(conclude(outcome)).toBe('The connection was closed by the server with 1000.')
  expect(() => conclude({ ...outcome, isUnsent: true })).toThrow(
    'The connection to "worker-a" (server-1) was closed by the server with 1000 before all was sent.',
  )
})

it('is good when all has been sent, and says what to add where nothing has come', () => {
  const closing = { ...outcome.closing, isOurs: true }
  expect(conclude({ ...outcome, ending: atEnd, closing })).toBe('Closed. Add more.')
  const goal = createGoal({})
  goal.hear(() => '')
  expect(conclude({ ...outcome, ending: atEnd, closing, goal })).toBe('Closed.')
})

it('is not good when it was lost, unless there was nothing left to do', () => {
  expect(() => conclude({ ...outcome, closing: lost })).toThrow('(server-1) was lost.')
  expect(() => conclude({ ...outcome, closing: lost, isLost: true })).toThrow(
    'was lost, and the server has left without a name by which another run of it could be found.',
  )
  expect(conclude({ ...outcome, closing: lost, isLost: true, ending: atEnd })).toMatch(/^Closed\./)
})
