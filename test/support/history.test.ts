/** The history checker: what it must accept, and the defects that it must find. */
import { describe, expect, it } from 'vitest'
import { checkHistory, type Operation } from './history.js'

type Times = readonly [invoked: number, returned: number]

const at = (process: string, [invoked, returned]: Times) => ({ process, invoked, returned })

/** A run is named after its process and its turn: `a1` is the first of process `a`. */
const register = (
  run: string,
  times: Times,
  result: 'ok' | 'taken' | 'failed' | 'unknown' = 'ok',
): Operation => ({ kind: 'register', id: 'x', run, result, ...at(run.charAt(0), times) })

const deregister = (run: string, times: Times, result: 'ok' | 'unknown' = 'ok'): Operation => ({
  kind: 'deregister',
  id: 'x',
  run,
  result,
  ...at(run.charAt(0), times),
})

const list = (times: Times, ...runs: string[]): Operation => ({
  kind: 'list',
  seen: new Map(runs.length === 0 ? [] : [['x', runs]]),
  ...at('reader', times),
})

const exit = (process: string, times: Times): Operation => ({ kind: 'exit', ...at(process, times) })

describe('the history checker accepts', () => {
  const cases: Record<string, Operation[]> = {
    'nothing at all': [],
    'one server that comes, is seen and goes': [
      list([0, 1]),
      register('a1', [2, 3]),
      list([4, 5], 'a1'),
      deregister('a1', [6, 7]),
      list([8, 9]),
    ],
    'lists that disagree while a server is registering': [
      register('a1', [0, 10]),
      list([1, 9]),
      list([2, 8], 'a1'),
      list([3, 7]),
    ],
    'lists that disagree while a server is deregistering': [
      register('a1', [0, 1]),
      deregister('a1', [2, 10]),
      list([3, 4], 'a1'),
      list([5, 6]),
    ],
    'a list that was asked for before and answered after': [
      list([0, 20]),
      register('a1', [1, 2]),
      list([3, 4], 'a1'),
    ],
    'one of two that want the same id at once': [
      register('a1', [0, 10], 'taken'),
      register('b1', [1, 9]),
      list([11, 12], 'b1'),
    ],
    'an id that is handed over within two calls': [
      register('a1', [0, 1]),
      deregister('a1', [2, 10]),
      register('b1', [3, 9]),
      list([4, 5], 'b1'),
    ],
    'a server that registers again and again': [
      register('a1', [0, 1]),
      deregister('a1', [2, 3]),
      register('a2', [4, 5]),
      list([6, 7], 'a2'),
    ],
    'a server that is killed, before it is seen to be and after': [
      register('a1', [0, 1]),
      exit('a', [10, 20]),
      list([11, 12], 'a1'),
      list([13, 14]),
      list([21, 22]),
    ],
    'a server that has been stopped, and is listed on': [
      register('a1', [0, 1]),
      list([1000, 1001], 'a1'),
      list([2000, 2001], 'a1'),
      exit('a', [3000, 3001]),
      list([3002, 3003]),
    ],
    'the id of a dead server given to another': [
      register('a1', [0, 1]),
      exit('a', [2, 3]),
      register('b1', [4, 5]),
      list([6, 7], 'b1'),
    ],
    'a server that was killed while registering, and had': [
      register('a1', [0, Infinity], 'unknown'),
      list([1, 2], 'a1'),
      exit('a', [5, 6]),
      list([7, 8]),
    ],
    'a server that was killed while registering, and had not': [
      register('a1', [0, Infinity], 'unknown'),
      list([1, 2]),
      exit('a', [5, 6]),
      list([7, 8]),
    ],
    'a registration without an answer that is done late': [
      register('a1', [0, Infinity], 'unknown'),
      list([100, 101]),
      list([200, 201], 'a1'),
      list([300, 301], 'a1'),
    ],
    'a server that was killed while deregistering, and had not': [
      register('a1', [0, 1]),
      deregister('a1', [2, Infinity], 'unknown'),
      list([3, 4], 'a1'),
      exit('a', [5, 6]),
    ],
    'a server that was killed while deregistering, and had': [
      register('a1', [0, 1]),
      deregister('a1', [2, Infinity], 'unknown'),
      register('b1', [3, 4]),
      exit('a', [5, 6]),
      list([7, 8], 'b1'),
    ],
    'a registration that was refused for another reason': [register('a1', [0, 1], 'failed'), list([2, 3])],
    'an order that only the last list gives away': [
      register('a1', [0, 10], 'unknown'),
      register('b1', [0, 10], 'unknown'),
      deregister('a1', [0, 10]),
      register('c1', [0, 10]),
      list([11, 12], 'c1'),
    ],
  }
  it.each(Object.entries(cases))('%s', (_, operations) => {
    expect(checkHistory(operations)).toEqual([])
    expect(checkHistory(operations.toReversed())).toEqual([])
  })
})

describe('the history checker finds', () => {
  const cases: Record<string, { operations: Operation[]; says: RegExp }> = {
    'a lost registration': {
      operations: [register('a1', [0, 1]), list([2, 3])],
      says: /list without it .*but a1 has it/,
    },
    'a registration that is lost later': {
      operations: [register('a1', [0, 1]), list([2, 3], 'a1'), list([4, 5])],
      says: /list without it .*but a1 has it/,
    },
    'a stale entry after deregistering': {
      operations: [register('a1', [0, 1]), deregister('a1', [2, 3]), list([4, 5], 'a1')],
      says: /list a1 .*but nobody has it/,
    },
    'a list that goes back in time': {
      operations: [register('a1', [0, 20]), list([1, 2], 'a1'), list([3, 4])],
      says: /list without it .*but a1 has it/,
    },
    'a list that goes back in time while a server leaves': {
      operations: [register('a1', [0, 1]), deregister('a1', [2, 20]), list([3, 4]), list([5, 6], 'a1')],
      says: /list/,
    },
    'an id that is listed twice': {
      operations: [register('a1', [0, 1]), list([2, 3], 'a1', 'a1')],
      says: /list a1 and a1/,
    },
    'an id that two servers are given': {
      operations: [register('a1', [0, 1]), register('b1', [2, 3])],
      says: /register b1 ok .*but a1 has it/,
    },
    'an id that two servers are given at once': {
      operations: [register('a1', [0, 5]), register('b1', [1, 4]), list([6, 7], 'a1')],
      says: /register|list/,
    },
    'an id that is refused though nobody has it': {
      operations: [register('a1', [0, 1], 'taken')],
      says: /register a1 taken .*but nobody has it/,
    },
    'an id that is refused after its server has died': {
      operations: [register('a1', [0, 1]), exit('a', [2, 3]), register('b1', [4, 5], 'taken')],
      says: /register b1 taken .*but nobody has it/,
    },
    'an entry that outlives its process': {
      operations: [register('a1', [0, 1]), exit('a', [2, 3]), list([4, 5], 'a1')],
      says: /list a1 .*but nobody has it/,
    },
    'an entry that rises from the dead': {
      operations: [register('a1', [0, 1]), exit('a', [2, 3]), list([4, 5]), list([6, 7], 'a1')],
      says: /list a1 .*but nobody has it/,
    },
    'an entry that appears after its process was killed while registering': {
      operations: [register('a1', [0, Infinity], 'unknown'), exit('a', [2, 3]), list([4, 5], 'a1')],
      says: /list a1 .*but nobody has it/,
    },
    'an entry that is missing while its process is stopped': {
      operations: [register('a1', [0, 1]), list([1000, 1001]), exit('a', [3000, 3001])],
      says: /list without it .*but a1 has it/,
    },
    'an entry of nobody': {
      operations: [register('a1', [0, 1]), list([2, 3], 'b1')],
      says: /list b1 .*but a1 has it/,
    },
    'an entry of a registration that was refused': {
      operations: [register('a1', [0, 1], 'failed'), list([2, 3], 'a1')],
      says: /list a1 .*but nobody has it/,
    },
    'the old entry after the id was handed over': {
      operations: [
        register('a1', [0, 1]),
        deregister('a1', [2, 3]),
        register('b1', [4, 5]),
        list([6, 7], 'a1'),
      ],
      says: /list a1 .*but b1 has it/,
    },
  }
  it.each(Object.entries(cases))('%s', (_, { operations, says }) => {
    const found = checkHistory(operations)
    expect(found.map(({ id }) => id)).toEqual(['x'])
    expect(found[0]?.what).toMatch(says)
  })

  it('what is wrong with one id, whatever the others do', () => {
    const others = ['y', 'z'].flatMap((id): Operation[] => [
      { kind: 'register', id, run: `a-${id}`, result: 'ok', ...at('a', [0, 1]) },
      { kind: 'list', seen: new Map([[id, [`a-${id}`]]]), ...at('reader', [1, 2]) },
    ])
    const wrong = [register('b1', [0, 1]), list([2, 3])]
    expect(checkHistory([...others.filter(({ kind }) => kind !== 'list'), ...wrong.slice(0, 1)])).toEqual([])
    expect(checkHistory([...others, ...wrong]).map(({ id }) => id)).toEqual(['x', 'y', 'z'])
  })
})

describe('in and after a time in which entries were removed by somebody else, the history checker', () => {
  const loss = { invoked: 10, returned: 20 }

  it('accepts a missing entry until it must be back', () => {
    const operations = [register('a1', [0, 1]), list([11, 12]), list([13, 14], 'a1'), list([15, 16])]
    expect(checkHistory(operations, [loss])).toEqual([])
    expect(checkHistory([...operations, list([21, 22])], [loss])).toHaveLength(1)
  })

  it('accepts that the id goes to another, and either of the two until both have gone', () => {
    const operations = [register('a1', [0, 1]), register('b1', [11, 12]), list([21, 22], 'a1')]
    expect(checkHistory([...operations, list([23, 24], 'b1')], [loss])).toEqual([])
    const left = [...operations, deregister('a1', [25, 26]), exit('b', [27, 28])]
    expect(checkHistory([...left, list([29, 30])], [loss])).toEqual([])
    expect(checkHistory([...left, list([29, 30], 'a1')], [loss])).toHaveLength(1)
  })

  it('accepts an entry that deregistered until it must have taken itself away again', () => {
    const operations = [register('a1', [0, 1]), deregister('a1', [11, 12]), list([13, 14], 'a1')]
    const taken = register('b1', [15, 16], 'taken')
    expect(checkHistory([...operations, taken], [loss])).toEqual([])
    expect(checkHistory([...operations, list([21, 22], 'a1')], [loss])).toHaveLength(1)
    expect(checkHistory([...operations, exit('a', [15, 16]), list([17, 18], 'a1')], [loss])).toHaveLength(1)
  })
})

it('judges a long history with much at once in little time', () => {
  const operations: Operation[] = []
  for (let turn = 0; turn < 500; turn += 1) {
    const start = turn * 100
    operations.push(
      register(`a${turn}`, [start, start + 20]),
      register(`b${turn}`, [start, start + 20], 'taken'),
    )
    for (let reader = 0; reader < 10; reader += 1) {
      operations.push(
        list([start + 1, start + 19], ...(reader % 2 === 0 ? [`a${turn}`] : [])),
        list([start + 25 + reader, start + 40], `a${turn}`),
      )
    }
    operations.push(deregister(`a${turn}`, [start + 50, start + 60]))
  }
  expect(checkHistory(operations)).toEqual([])
})
