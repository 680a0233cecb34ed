import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SnapshotServer } from '../core/index.js'
import { createDialQueue } from './dial-queue.js'
import { createLink } from './link.js'
import type { Dialer, Link } from './link-types.js'
import { createServerList } from './server-list.js'
import { disconnected } from './standing.js'

/** Stands in for the browser's: opens when the test says so. */
class FakeSocket {
  static made: FakeSocket[] = []
  readyState = 0
  onopen?: () => void
  readonly url: string
  constructor(url: string) {
    this.url = url
    FakeSocket.made.push(this)
  }
  open(): void {
    this.readyState = 1
    this.onopen?.()
  }
  close(): void {
    this.readyState = 3
  }
}

beforeEach(() => {
  FakeSocket.made = []
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function server(port: number, worktree: string): SnapshotServer {
  return {
    id: `s-${port}`,
    name: 'api',
    port,
    pid: 1,
    state: 'up',
    instance: `${port}`,
    auth: 'open',
    scope: { directory: worktree, worktree },
  }
}
const own = server(1, '/a')
const restarted = server(2, '/a')
const below = server(3, '/a/.trees/b')
const others = server(4, '/b')

/** A page of the project /a that follows the name api, and a way to say which servers there are. */
function follow(reconnect = true) {
  const links = new Set<Link>()
  const dialer: Dialer = {
    list: createServerList(
      () => {},
      () => disconnected,
      '/a',
    ),
    links,
    queues: { direct: createDialQueue(4), relay: createDialQueue(1) },
    url: 'http://localhost:1/api/registry',
    token: undefined,
    isHubHere: true,
    isHubAway: false,
    isClosed: false,
    transport: 'direct',
  }
  const ended = vi.fn()
  const begin = (): Link =>
    createLink(
      { dialer, idOrName: 'api', binaryType: 'blob', reconnect },
      { onStanding: () => {}, onMessage: () => {}, onClose: ended },
    )
  const link = begin()
  const there = (...entries: SnapshotServer[]): void => {
    dialer.list.take({ type: 'snapshot', entries })
    for (const link of links) link.look()
    vi.advanceTimersByTime(2000)
  }
  return { link, begin, there, ended }
}

/** To which ports it has gone so far. */
const dialled = (): number[] => FakeSocket.made.map(({ url }) => Number(new URL(url).port))

describe('a connection that follows a name', () => {
  it("waits while its project's server restarts, and goes to none of another project meanwhile", () => {
    const { link, there, ended } = follow()
    there(own, others)
    FakeSocket.made[0]?.open()
    there(below, others)
    expect([link.readyState, link.standing.reason]).toEqual([0, { code: 'SERVER_GONE' }])
    there(restarted, below, others)
    expect(dialled()).toEqual([1, 2])
    expect(ended).toHaveBeenCalledOnce()
  })

  it("goes to another project's where its own never had one, and leaves that for its own", () => {
    const { link, there, ended } = follow()
    there(others)
    FakeSocket.made[0]?.open()
    there(others, below)
    expect(FakeSocket.made[0]?.readyState).toBe(3)
    FakeSocket.made[1]?.open()
    there(others, below, own)
    FakeSocket.made[2]?.open()
    there(others, below, own, restarted)
    expect(dialled()).toEqual([4, 3, 1])
    expect(ended).toHaveBeenCalledTimes(2)
    expect(link.server).toEqual(own)
  })

  it('where a library makes one after the other, waits in each', () => {
    const { begin, there, ended } = follow(false)
    there(own, others)
    FakeSocket.made[0]?.open()
    there(others)
    expect(ended).toHaveBeenCalledOnce()
    const next = begin()
    next.look()
    expect(next.standing.reason).toEqual({ code: 'SERVER_GONE' })
    there(restarted, others)
    expect(dialled()).toEqual([1, 2])
  })

  it('that was one of no project goes where there is one', () => {
    const { there } = follow()
    there(server(5, '/c'))
    FakeSocket.made[0]?.open()
    there(others)
    expect(dialled()).toEqual([5, 4])
  })
})
