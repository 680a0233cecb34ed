/** The checker of push histories: what it must accept, and the defects that it must find, each planted in one good history. */
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Change, PushMessage, Revision, SnapshotServer } from '../../src/core/index.js'
import { checkPushHistory } from './push-history.js'

type Recorded = { from: Revision | undefined; messages: PushMessage[] }[]

/** A run is named after its server and its turn: `a2` is the second of server `a`. */
const server = (run: string, port = 8080): SnapshotServer => ({
  id: run.charAt(0),
  port,
  pid: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  instance: run,
  state: 'up',
})
const added = (run: string): Change<SnapshotServer> => ({ type: 'added', entry: server(run) })
const updated = (run: string, port: number): Change<SnapshotServer> => ({
  type: 'updated',
  entry: server(run, port),
})
const removed = (run: string): Change<SnapshotServer> => ({
  type: 'removed',
  entry: server(run),
  reason: 'deregistered',
})

/** A point is written as `e5`: revision 5 of the epoch e. */
const at = (point: string): Revision => ({ epoch: point.charAt(0), revision: Number(point.slice(1)) })
const change = (point: string, ...changes: Change<SnapshotServer>[]): PushMessage => ({
  type: 'change',
  ...at(point),
  changes,
})
const snapshot = (point: string, ...entries: SnapshotServer[]): PushMessage => ({
  type: 'snapshot',
  ...at(point),
  entries,
})
const part = (point: string, ...entries: SnapshotServer[]): PushMessage => ({
  type: 'part',
  ...at(point),
  entries,
})
const bookmark = (point: string): PushMessage => ({ type: 'bookmark', ...at(point) })
const pointless: PushMessage = { type: 'bookmark' }
const problem: PushMessage = {
  type: 'problem',
  error: { code: 'WSYARD_ERR_REGISTRY_UNREADABLE', message: 'no' },
}
const solved: PushMessage = { type: 'problem', error: null }

const c2 = change('e2', added('b1'))
const c3 = change('e3', added('c1'), added('d1'))
const c4 = change('e4', removed('b1'), added('b2'))
const c5 = change('e5', removed('d1'), updated('a1', 9090))
const c6 = change('e6', removed('c1'))
const f2 = change('f2', added('g1'))
const whole4 = [server('a1'), server('b2'), server('c1'), server('d1')]
const whole5 = [server('a1', 9090), server('b2'), server('c1')]
const whole6 = [server('a1', 9090), server('b2')]

const connection = (from: string | undefined, ...messages: PushMessage[]) => ({
  from: from === undefined ? undefined : at(from),
  messages,
})

/** One stays, one comes back again and again, one is told the list each time. The hub restarts after `e6`. */
const good = (): [stays: Recorded, resumes: Recorded, fresh: Recorded] =>
  structuredClone([
    [
      connection(
        undefined,
        snapshot('e1', server('a1')),
        c2,
        c3,
        bookmark('e3'),
        c4,
        c5,
        problem,
        c6,
        solved,
      ),
      connection('e6', snapshot('f1', ...whole6), f2),
    ],
    [
      connection(undefined, problem, pointless, solved, snapshot('e1', server('a1')), c2),
      connection('e2', c3, c4),
      connection('e4', c5, bookmark('e5'), bookmark('e5')),
      connection('e5', problem, bookmark('e5'), solved, c6),
      connection('e6'),
      connection('e6', pointless, part('f1', server('a1', 9090)), snapshot('f1', server('b2')), f2),
    ],
    [
      connection(
        undefined,
        part('e4', server('a1'), server('b2')),
        snapshot('e4', server('c1'), server('d1')),
        c5,
      ),
      connection('e5', snapshot('e5', ...whole5), snapshot('e5', ...whole5), c6),
      connection(undefined, part('e6', server('a1', 9090))), // cut off in the middle
      connection('e9', part('e6', server('a1', 9090)), problem, snapshot('e6', server('b2'))),
      connection('e4', c5, c6), // went back on purpose
      connection('g1', snapshot('f2', ...whole6, server('g1'))),
    ],
  ])

/** Which properties are violated, in the order of the alphabet. */
const propertiesOf = (histories: readonly Recorded[]): string =>
  [...new Set(checkPushHistory(histories).map(({ property }) => property))].sort().join(' ')

describe('the checker of push histories accepts', () => {
  it('a good one, in whatever order the subscribers are', () => {
    expect(checkPushHistory(good())).toEqual([])
    expect(checkPushHistory(good().toReversed())).toEqual([])
    for (const alone of good()) expect(checkPushHistory([alone])).toEqual([])
  })

  it('nothing at all, and those who were told nothing', () => {
    expect(checkPushHistory([])).toEqual([])
    expect(checkPushHistory([[], [connection(undefined)], [connection('e5', problem, pointless)]])).toEqual(
      [],
    )
  })

  it('a revision that nobody was told of, as all were told the list after it', () => {
    const before = connection(undefined, snapshot('e1', server('a1')), c2)
    const after = connection(undefined, snapshot('e5', ...whole5), c6)
    expect(checkPushHistory([[before], [after], [before, after]])).toEqual([])
  })
})

describe('the checker of push histories finds', () => {
  /** The messages of one connection, to be changed. */
  type ToldIn = (subscriber: number, connection: number) => PushMessage[]
  /** Replaces a message for all who were told it. */
  type Everywhere = (message: PushMessage, by: PushMessage) => void
  type Plant = (toldIn: ToldIn, everywhere: Everywhere) => void
  const cases: Record<string, [finds: string, plant: Plant]> = {
    'two changes that have changed places': [
      'ordered reliable',
      (toldIn) => toldIn(0, 0).splice(4, 2, c5, c4),
    ],
    'a list of the past in the middle of a connection': [
      'ordered reliable',
      (toldIn) => toldIn(0, 0).splice(6, 0, snapshot('e4', ...whole4)),
    ],
    'a list of the past after a reconnect without a point': [
      'ordered',
      (toldIn) => toldIn(2, 2).splice(0, 1, snapshot('e4', ...whole4)),
    ],
    'a list of the epoch before the last, from before its end': [
      'ordered',
      (toldIn) => toldIn(0, 1).push(snapshot('e5', ...whole5)),
    ],

    'a change that is told twice': ['unique', (toldIn) => toldIn(0, 0).splice(6, 0, c5)],
    'a change that is told again after a reconnect': [
      'resumable unique',
      (toldIn) => toldIn(1, 2).unshift(c4),
    ],
    'a change that the list before it has already': ['unique', (toldIn) => toldIn(2, 0).splice(2, 0, c4)],
    'a revision that is another for one subscriber': [
      'unique',
      (toldIn) => toldIn(1, 2).splice(0, 1, change('e5', removed('d1'), updated('a1', 9999))),
    ],

    'a change of which one subscriber is told a part': [
      'atomic',
      (toldIn) => toldIn(1, 1).splice(0, 1, change('e3', added('c1'))),
    ],
    'a change that one subscriber is told in two messages': [
      'atomic unique',
      (toldIn) => toldIn(0, 0).splice(2, 1, change('e3', added('c1')), change('e3', added('d1'))),
    ],
    'a list that lacks an entry': [
      'atomic',
      (toldIn) => toldIn(2, 1).splice(1, 1, snapshot('e5', ...whole6)),
    ],
    'a list with an entry that has gone': [
      'atomic',
      (toldIn) => toldIn(2, 1).splice(1, 1, snapshot('e5', ...whole5, server('d1'))),
    ],
    'a list with an entry as it was before': [
      'atomic',
      (toldIn) => toldIn(2, 3).splice(0, 1, part('e6', server('a1'))),
    ],
    'two lists of one point, of which nobody can say which is right': [
      'atomic',
      (toldIn) => toldIn(0, 1).splice(0, 1, snapshot('f1', server('a1', 9090))),
    ],
    'an id that is in a part and in its snapshot': [
      'atomic',
      (toldIn) => toldIn(2, 0).splice(1, 1, snapshot('e4', server('c1'), server('d1'), server('a1'))),
    ],
    'a change between the parts of a list': [
      'atomic',
      (toldIn) =>
        toldIn(0, 0).splice(
          5,
          1,
          part('e5', server('a1', 9090)),
          c5,
          snapshot('e5', server('b2'), server('c1')),
        ),
    ],
    'a list with a part of another point': [
      'atomic',
      (toldIn) => toldIn(2, 0).splice(0, 1, part('e3', server('a1'), server('b2'))),
    ],

    'a change that is left out': ['reliable', (toldIn) => toldIn(0, 0).splice(4, 1)],
    'a change that is left out after a reconnect': [
      'reliable resumable',
      (toldIn) => toldIn(1, 1).splice(0, 1),
    ],
    'a change that is left out before a bookmark that tells nothing of it': [
      'bookmarkable reliable',
      (toldIn) => toldIn(0, 0).splice(2, 1),
    ],
    'a change that is told before any list': ['reliable', (toldIn) => toldIn(2, 0).splice(0, 2)],
    'a change of a new epoch that is told before its list': [
      'reliable resumable',
      (toldIn) => toldIn(0, 1).splice(0, 1),
    ],
    'an entry that is added where it is': [
      'reliable',
      (_, everywhere) => everywhere(c6, change('e6', removed('c1'), added('b2'))),
    ],
    'an entry that is removed where it is not': [
      'reliable',
      (_, everywhere) => everywhere(c6, change('e6', removed('c1'), removed('x1'))),
    ],
    'an entry that is removed as another run than it is': [
      'reliable',
      (_, everywhere) => everywhere(c4, change('e4', removed('b9'), added('b2'))),
    ],
    'an entry that is updated where it is not': [
      'reliable',
      (_, everywhere) => everywhere(c3, change('e3', updated('c1', 8080), added('d1'))),
    ],

    'a bookmark in the place of what was missed': ['resumable', (toldIn) => toldIn(1, 2).splice(0, 2)],
    'a bookmark of an earlier point after a reconnect': [
      'resumable',
      (toldIn) => toldIn(1, 3).splice(1, 1, bookmark('e4')),
    ],
    'a list of the past after a reconnect': [
      'ordered resumable',
      (toldIn) => toldIn(1, 4).push(snapshot('e5', ...whole5)),
    ],
    'a part of a list of the past after a reconnect': [
      'resumable',
      (toldIn) => toldIn(1, 4).push(part('e5', server('a1', 9090))),
    ],

    'a bookmark that is ahead of what was told': [
      'bookmarkable',
      (toldIn) => toldIn(0, 0).splice(3, 1, bookmark('e4')),
    ],
    'a bookmark that is behind what was told': [
      'bookmarkable',
      (toldIn) => toldIn(0, 0).splice(3, 1, bookmark('e2')),
    ],
    'a bookmark of the epoch before': ['bookmarkable', (toldIn) => toldIn(0, 1).push(bookmark('e6'))],
    'a bookmark for one that has been told nothing': [
      'bookmarkable',
      (toldIn) => toldIn(1, 0).splice(1, 1, bookmark('e1')),
    ],
    'a bookmark of a list of which only a part was told': [
      'bookmarkable',
      (toldIn) => toldIn(2, 2).push(bookmark('e6')),
    ],
    'a bookmark that has lost its point': ['bookmarkable', (toldIn) => toldIn(0, 0).push(pointless)],
  }

  it.each(Object.entries(cases))('%s', (_, [finds, plant]) => {
    const histories = good()
    const connections = histories.flat()
    plant(
      (subscriber, connection) => histories[subscriber]?.[connection]?.messages ?? [],
      (message, by) => {
        for (const { messages } of connections) {
          for (const [position, one] of messages.entries())
            if (isDeepStrictEqual(one, message)) messages[position] = by
        }
      },
    )
    expect(propertiesOf(histories)).toBe(finds)
  })

  it('who was told so, and after what', () => {
    const histories = good()
    histories[1][1]?.messages.splice(0, 1)
    expect(checkPushHistory(histories)).toEqual([
      { property: 'resumable', subscriber: 1, what: 'change e.4 after e.2' },
      { property: 'reliable', subscriber: 1, what: 'change e.4 after e.2' },
    ])
  })
})

it('judges a long history of many subscribers in little time', () => {
  const changes = Array.from({ length: 10_000 }, (_, index) =>
    change(`e${index + 2}`, index % 2 === 0 ? added('b1') : removed('b1')),
  )
  const stays = connection(undefined, snapshot('e1', server('a1')), ...changes)
  expect(checkPushHistory(Array.from({ length: 50 }, () => [stays]))).toEqual([])
})
