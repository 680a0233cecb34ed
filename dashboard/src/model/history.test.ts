import { describe, expect, it } from 'vitest'
import type { ClientServer } from 'wsyard/client'
import {
  endingsSince,
  historyMs,
  type Lane,
  tracksOf,
  withoutOld,
  withoutServer,
  withServer,
} from './history.js'

const server = (fields: Partial<ClientServer> = {}): ClientServer => ({
  id: 'one',
  name: 'worker',
  port: 1,
  pid: 1,
  state: 'up',
  startedAt: new Date(1000).toISOString(),
  connection: 'connected',
  ...fields,
})

describe('the history of a name', () => {
  it('begins when the server started, by its own word', () => {
    expect(withServer(undefined, server(), 5000).runs).toMatchObject([
      { id: 'one', from: 1000, to: undefined },
    ])
  })

  it('begins when a server was seen that does not say, or says a time to come', () => {
    const { startedAt: _, ...silent } = server()
    expect(withServer(undefined, silent, 5000).runs[0]?.from).toBe(5000)
    const future = server({ startedAt: new Date(9000).toISOString() })
    expect(withServer(undefined, future, 5000).runs[0]?.from).toBe(5000)
  })

  it('is the same object while nothing that it tells of has changed', () => {
    const lane = withServer(undefined, server(), 5000)
    expect(withServer(lane, server({ connection: 'disconnected' }), 6000)).toBe(lane)
  })

  it('has a run for each life, with how it ended', () => {
    let lane: Lane = withServer(undefined, server(), 5000)
    lane = withoutServer(lane, server(), 'exited', 6000)
    lane = withServer(lane, server({ id: 'two', startedAt: new Date(7000).toISOString() }), 7000)
    expect(lane.runs).toMatchObject([
      { id: 'one', from: 1000, to: 6000, reason: 'exited' },
      { id: 'two', from: 7000, to: undefined },
    ])
    expect(endingsSince(lane, 5000)).toBe(1)
    expect(endingsSince(lane, 6001)).toBe(0)
  })

  it('knows one that ended before it was heard of', () => {
    expect(withoutServer(undefined, server(), 'deregistered', 6000).runs).toMatchObject([
      { from: 1000, to: 6000 },
    ])
  })

  it('tells from when to when a server was silent, and ends that with its life', () => {
    let lane = withServer(undefined, server(), 1000)
    lane = withServer(lane, server({ state: 'unresponsive' }), 2000)
    lane = withServer(lane, server(), 3000)
    lane = withServer(lane, server({ state: 'unresponsive' }), 4000)
    lane = withoutServer(lane, server({ state: 'unresponsive' }), 'exited', 5000)
    expect(lane.runs[0]?.silences).toEqual([
      { from: 2000, to: 3000 },
      { from: 4000, to: 5000 },
    ])
  })

  it('forgets what ended long ago, and at last the name', () => {
    const lane = withoutServer(withServer(undefined, server(), 1000), server(), 'exited', 2000)
    expect(withoutOld(lane, 2000 + historyMs - 1)).toBe(lane)
    expect(withoutOld(lane, 2000 + historyMs)).toBeUndefined()
    const running = withServer(lane, server({ id: 'two' }), 3000)
    expect(withoutOld(running, 2000 + historyMs)?.runs).toMatchObject([{ id: 'two' }])
  })

  it('lays runs that overlap beside each other, and those that follow one another in one track', () => {
    let lane = withServer(undefined, server({ id: 'a' }), 1000)
    lane = withServer(lane, server({ id: 'b', startedAt: new Date(1500).toISOString() }), 1500)
    lane = withoutServer(lane, server({ id: 'a' }), 'exited', 2000)
    lane = withServer(lane, server({ id: 'c', startedAt: new Date(2000).toISOString() }), 2000)
    const tracks = tracksOf(lane, 3000).map((track) => track.map(({ id }) => id))
    expect(tracks).toEqual([['a', 'c'], ['b']])
  })
})
