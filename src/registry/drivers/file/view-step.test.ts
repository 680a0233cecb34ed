/** What a hub does about what it sees, moment by moment. There is no disk here and no clock. */
import { describe, expect, it } from 'vitest'
import { type Deed, firstState, nextTime, type Seen, step, type ViewState } from './view-step.js'

const first = { inode: 1n, madeAt: 100n }
const second = { inode: 1n, madeAt: 200n } // file systems give the inode of one that is gone to the next

/** A hub that has read everything at time 0, from the first directory. */
function begin() {
  let state: ViewState = firstState(0)
  let now = 0
  const see = (seen: Seen): readonly Deed[] => {
    const [next, deeds] = step(state, seen, now)
    state = next
    return deeds
  }
  const at = (ms: number): typeof see => {
    now = ms
    return see
  }
  see({ what: 'directory', directory: first, isNew: false })
  see({ what: 'read', mark: 'as it was' })
  see({ what: 'repair', isDone: true })
  return { see, at, state: () => state, next: () => nextTime(state) }
}

const named = { isNamed: true, directory: first } as const
const asItWas = { what: 'disk', mark: 'as it was', isSettled: true, isWatched: true } as const
const time = { what: 'time' } as const

describe('a file of an entry', () => {
  it('that changes is read at once, then its process is looked at', () => {
    const { see } = begin()
    expect(see({ what: 'entries', id: 'a', ...named })).toEqual([{ read: 'a' }, { check: 'a' }])
    expect(see({ what: 'read' })).toEqual(['remove the exited', 'publish'])
  })

  it('that is a temporary is nothing', () => {
    expect(begin().see({ what: 'entries', id: undefined, ...named })).toEqual([])
  })

  it('that goes with its directory is read with everything else, when that is over', () => {
    const { at, next } = begin()
    at(50)(time)
    const gone = { what: 'entries', id: 'a', isNamed: true, directory: undefined } as const
    expect(at(60)(gone)).toEqual([])
    expect(at(61)(gone)).toEqual([])
    expect(next()).toBe(80)
    expect(at(80)(time)).toEqual(['read all'])
    expect(at(80)({ what: 'directory', directory: second, isNew: true })).toEqual(['restore entries'])
  })

  it('of which the system does not say the name is read with everything else', () => {
    const { at } = begin()
    at(50)(time)
    at(60)({ what: 'entries', id: undefined, isNamed: false, directory: first })
    expect(at(80)(time)).toEqual(['read all'])
  })
})

describe('the index', () => {
  it('that changes several times is read once', () => {
    const { at } = begin()
    at(50)(time)
    for (const ms of [51, 52, 53]) at(ms)({ what: 'home', isIndex: true, ...named })
    expect(at(61)(time)).toEqual(['read index'])
    expect(at(70)(time)).toEqual([])
  })

  it('that is half-written is read again, and has lost nothing', () => {
    const { at, state } = begin()
    at(50)(time)
    at(51)({ what: 'index', is: 'torn' })
    expect(state().isIndexLost).toBe(false)
    expect(at(61)(time)).toEqual(['read index'])
  })

  it('that was lost is so until it has been repaired', () => {
    const { at, see, state } = begin()
    at(60)({ what: 'index', is: 'lost' })
    see({ what: 'index', is: 'whole' })
    expect(state().isIndexLost).toBe(true)
    see({ what: 'repair', isDone: false })
    expect(state().isIndexLost).toBe(true)
    see({ what: 'repair', isDone: true })
    expect(state().isIndexLost).toBe(false)
  })

  it('is repaired a while after a change, and again until that is done', () => {
    const { at } = begin()
    at(50)(time)
    at(60)({ what: 'read' })
    expect(at(110)(time)).toContain('repair index')
    at(110)({ what: 'repair', isDone: false })
    expect(at(160)(time)).toContain('repair index')
    at(160)({ what: 'repair', isDone: true })
    expect(at(250)(time)).not.toContain('repair index')
  })
})

describe('the directory', () => {
  it('that is another one held nothing of what is known, and nobody has deregistered', () => {
    const { see, state } = begin()
    expect(see({ what: 'directory', directory: second, isNew: false })).toEqual(['restore entries'])
    expect(state().isIndexLost).toBe(true)
    expect(see({ what: 'directory', directory: second, isNew: false })).toEqual([])
    expect(see({ what: 'directory', directory: { inode: 2n, madeAt: undefined }, isNew: false })).toEqual([
      'restore entries',
    ])
  })

  it('is the same one while nobody can tell when it was made', () => {
    const { see } = begin()
    const untold = { inode: 1n, madeAt: undefined }
    expect(see({ what: 'directory', directory: untold, isNew: false })).toEqual([])
    expect(see({ what: 'directory', directory: first, isNew: false })).toEqual([])
    see({ what: 'directory', directory: untold, isNew: false })
    expect(see({ what: 'directory', directory: second, isNew: false })).toEqual(['restore entries'])
  })

  it('that was missing, and could not be made, is another one when it is there again', () => {
    const { see } = begin()
    expect(see({ what: 'directory', directory: undefined, isNew: false })).toEqual(['restore entries'])
    expect(see({ what: 'directory', directory: second, isNew: false })).toEqual(['restore entries'])
  })
})

describe('with the time', () => {
  it('the processes are looked at every tenth of a second, and the disk every second', () => {
    const { at } = begin()
    const seen = [50, 100, 150, 200, 300, 999, 1000].map((ms) => at(ms)(time))
    const processes: Deed = 'look at processes'
    expect(seen.slice(1)).toEqual([[processes], [], [processes], [processes], [processes], ['look at disk']])
  })

  it('all pids are asked if any process has come or gone, or nobody can tell', () => {
    const { see } = begin()
    const look = (turnover: string | undefined): readonly Deed[] => see({ what: 'processes', turnover })
    expect([look('1'), look('1'), look('2')]).toEqual([['ask pids'], [], ['ask pids']])
    expect([look(undefined), look(undefined)]).toEqual([['ask pids'], ['ask pids']])
  })

  it('everything is read again if the disk looks otherwise, has just changed, or is not watched', () => {
    const { see } = begin()
    expect(see(asItWas)).toEqual([])
    for (const other of [{ mark: 'other' }, { isSettled: false }, { isWatched: false }])
      expect(see({ ...asItWas, ...other })).toContain('read all')
  })

  it('every other look at the disk dials foreign ports, and tidies', () => {
    const { see } = begin()
    expect([see(asItWas), see(asItWas), see(asItWas)]).toEqual([[], ['dial foreign ports', 'tidy'], []])
  })

  it('what failed is tried again at the next look, though nothing has changed', () => {
    const { see } = begin()
    see({ what: 'failure' })
    expect(see(asItWas)).toEqual(['read all'])
  })
})
