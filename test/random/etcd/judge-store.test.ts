import { describe, expect, it } from 'vitest'
import { second } from './clock.js'
import { judgeStore, type StoreEvidence } from './judge-store.js'
import type { Life } from './lives.js'
import type { Presence } from './presences.js'
import type { MemberFault } from './probe.js'

const ttl = 5
const endedAt = 100 * second

/** Writes and reads that were answered at once, all the time. */
const answered = Array.from({ length: 1000 }, (_, turn) => {
  const at = (turn / 10) * second
  return { invoked: at, returned: at + second / 1000, revision: turn }
})

/** Of a run that was registered at 10 s; times are in seconds. */
function life(presences: [from: number, until: number, reason?: string][], more: Partial<Life> = {}): Life {
  const at = { process: 'p', invoked: 10 * second, returned: 10 * second }
  return {
    register: { ...at, kind: 'register', id: 'a', run: 'r', result: 'ok' },
    leave: undefined,
    exit: undefined,
    stops: [],
    presences: presences.map(
      ([from, until, reason]): Presence => ({
        id: 'a',
        run: 'r',
        from: from * second,
        fromRevision: 1,
        until: until * second,
        ...(reason !== undefined && { reason }),
      }),
    ),
    ...more,
  }
}

function exitAt(at: number): Partial<Life> {
  return { exit: { kind: 'exit', process: 'p', invoked: at * second, returned: at * second } }
}

function judge(
  lives: readonly Life[],
  { faults = [], elections = [] }: { faults?: MemberFault[]; elections?: number[] } = {},
): ReturnType<typeof judgeStore> {
  const measures = {
    writes: answered,
    reads: answered,
    faults,
    elections: elections.map((at) => at * second),
  }
  const evidence: StoreEvidence = { lives, measures, ttl, seenFrom: Infinity, endedAt }
  return judgeStore(evidence)
}

describe('a live server', () => {
  it('that is there from its registration to the end is in order', () => {
    expect(judge([life([[10, Infinity]])])).toMatchObject({ lost: [], stale: [], 'wrong reasons': [] })
  })

  it('that expires though its process ran is lost, also if it comes back soon', () => {
    const { lost, 'wrong reasons': reasons } = judge([
      life([
        [10, 50, 'expired'],
        [51, Infinity],
      ]),
    ])
    expect(lost).toEqual(['a (r) went as expired at 50000 ms, though its process ran'])
    expect(reasons).toHaveLength(1)
  })

  it('may expire while its process stands still, and is lost if it then stays away', () => {
    const stops = [{ process: 'p', invoked: 44 * second, returned: 52 * second }]
    expect(
      judge([
        life(
          [
            [10, 49, 'expired'],
            [53, Infinity],
          ],
          { stops },
        ),
      ]).lost,
    ).toEqual([])
    expect(
      judge([
        life(
          [
            [10, 49, 'expired'],
            [60, Infinity],
          ],
          { stops },
        ),
      ]).lost,
    ).toEqual(['a (r) is missing from 49000 ms to 60000 ms'])
  })

  it('is told apart from one that a former leader has revoked, by when that went on', () => {
    const stopped: MemberFault = {
      kind: 'stop',
      wasLeader: true,
      invoked: 30 * second,
      returned: 36 * second,
    }
    const revokedAt = (at: number) =>
      judge(
        [
          life([
            [10, at, 'expired'],
            [at + 1, Infinity],
          ]),
        ],
        { faults: [stopped], elections: [31] },
      )
    expect(revokedAt(42)).toMatchObject({ lost: [], 'wrong reasons': [], revokedByFormerLeader: 1 })
    expect(revokedAt(35).lost).toHaveLength(1)
    expect(revokedAt(46).lost).toHaveLength(1)
  })
})

describe('a dead server', () => {
  it('may be there until its lease has run out, and a second', () => {
    const { stale, longestDead } = judge([life([[10, 55.9, 'expired']], exitAt(50))])
    expect(stale).toEqual([])
    expect(longestDead / second).toBeCloseTo(5.9)
  })

  it('is stale after that', () => {
    expect(judge([life([[10, 57, 'expired']], exitAt(50))]).stale).toEqual([
      'a (r) has exited: it is there from 50000 ms to 57000 ms',
    ])
  })

  it('has the whole time of its lease again from a leader that was elected meanwhile', () => {
    const late = [life([[10, 60.5, 'expired']], exitAt(50))]
    expect(judge(late, { elections: [54] }).stale).toEqual([])
    expect(judge(late, { elections: [49.5, 80] }).stale).toHaveLength(1)
  })

  it('never goes as exited before somebody could see that', () => {
    expect(judge([life([[10, 51, 'exited']], exitAt(50))])['wrong reasons']).toHaveLength(1)
  })
})
