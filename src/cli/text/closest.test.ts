import { expect, it } from 'vitest'
import { closest } from './closest.js'

it.each([
  ['worker-b', ['echo', 'worker-a'], 'worker-a'],
  ['wroker-a', ['worker-b', 'worker-a'], 'worker-a'],
  ['WORKER-A', ['worker-a'], 'worker-a'],
  ['worker', ['worker-a', 'worker-long-name'], 'worker-a'],
  ['aip', ['web', 'api'], 'api'],
  ['chat', ['worker-a', 'yjs'], undefined],
  ['x', ['y'], undefined],
  ['', ['y'], undefined],
  ['anything', [], undefined],
])('takes %j, out of %j, for %j', (text, candidates, meant) => {
  expect(closest(text, candidates)).toBe(meant)
})
