import { describe, expect, it } from 'vitest'
import { createLogView, type LogFilter } from './log-view.js'
import { createMessageLog, type LogRow, type MessageLog } from './message-log.js'

const row = (data: LogRow['data'], fields: Partial<LogRow> = {}): Omit<LogRow, 'seq'> => ({
  at: 0,
  kind: 'received',
  serverId: 'id',
  label: 'worker',
  data,
  ...fields,
})

const everything: LogFilter = { text: '', servers: new Set(), kinds: new Set(['sent', 'received', 'event']) }

const shown = (view: ReturnType<typeof createLogView>) =>
  Array.from({ length: view.count }, (_, index) => view.row(index)?.data)

function fill(log: MessageLog, from: number, to: number): void {
  for (let number = from; number < to; number += 1) log.add(row(`message ${number}`))
}

describe('a log', () => {
  it('forgets its oldest rows beyond its number of rows', () => {
    const log = createMessageLog({ maxRows: 10_000, maxSize: 1e9 })
    fill(log, 0, 25_000)
    expect([log.first, log.end]).toEqual([15_000, 25_000])
    expect([log.row(14_999), log.row(15_000)?.data, log.row(24_999)?.data, log.row(25_000)]).toEqual([
      undefined,
      'message 15000',
      'message 24999',
      undefined,
    ])
  })

  it('forgets its oldest rows beyond the size of all messages, but never the newest', () => {
    const log = createMessageLog({ maxRows: 100, maxSize: 10 })
    for (const data of ['12345', new ArrayBuffer(4), '1', '123456']) log.add(row(data))
    expect([log.first, log.end]).toEqual([2, 4])
    log.add(row('x'.repeat(50)))
    expect([log.first, log.end]).toEqual([4, 5])
    log.add(row('y'))
    expect(log.row(5)?.data).toBe('y')
    expect(log.first).toBe(5)
  })

  it('counts on after it was cleared', () => {
    const log = createMessageLog()
    fill(log, 0, 3)
    log.clear()
    expect([log.first, log.end, log.row(1)]).toEqual([3, 3, undefined])
    log.add(row('next'))
    expect(log.row(3)?.data).toBe('next')
  })
})

describe('a view of a log', () => {
  it('shows all rows while nothing is filtered', () => {
    const log = createMessageLog()
    const view = createLogView(log)
    fill(log, 0, 2)
    expect(shown(view)).toEqual(['message 0', 'message 1'])
  })

  it('shows what contains a text in any case, signs of patterns included', () => {
    const log = createMessageLog()
    const view = createLogView(log)
    for (const data of ['a.b', 'A.B', 'axb', new ArrayBuffer(2)]) log.add(row(data))
    view.setFilter({ ...everything, text: 'a.b' })
    view.update(1000)
    expect(shown(view)).toEqual(['a.b', 'A.B'])
    log.add(row('say A.b'))
    view.update(1000)
    expect(shown(view)).toEqual(['a.b', 'A.B', 'say A.b'])
  })

  it('shows rows of some servers and some kinds', () => {
    const log = createMessageLog()
    const view = createLogView(log)
    log.add(row('one', { label: 'a' }))
    log.add(row('two', { label: 'b' }))
    log.add(row('three', { label: 'b', kind: 'sent' }))
    view.setFilter({ ...everything, servers: new Set(['b']), kinds: new Set(['sent']) })
    view.update(1000)
    expect(shown(view)).toEqual(['three'])
  })

  it('looks through a long log in parts, and says that there is more', () => {
    const log = createMessageLog()
    fill(log, 0, 5000)
    const view = createLogView(log)
    view.setFilter({ ...everything, text: 'message' })
    view.update(0)
    expect(view.isBehind).toBe(true)
    expect(view.count).toBe(512)
    view.update(10_000)
    expect([view.isBehind, view.count]).toEqual([false, 5000])
  })

  it('tells how many rows that it has shown are forgotten, filtered or not', () => {
    const log = createMessageLog({ maxRows: 10_000, maxSize: 1e9 })
    const plain = createLogView(log)
    const even = createLogView(log)
    even.setFilter({ ...everything, text: '0' })
    fill(log, 0, 10_000)
    even.update(10_000)
    const before = even.count
    fill(log, 10_000, 30_000)
    even.update(10_000)
    expect(plain.forgotten).toBe(20_000)
    expect(plain.count).toBe(10_000)
    expect(even.row(0)?.seq).toBeGreaterThanOrEqual(20_000)
    expect(even.forgotten).toBe(before)
  })

  it('stays as it is while it is paused, and says how much has come', () => {
    const log = createMessageLog()
    const view = createLogView(log)
    fill(log, 0, 3)
    view.setPaused(true)
    fill(log, 3, 8)
    expect([view.count, view.held]).toEqual([3, 5])
    view.setPaused(false)
    expect([view.count, view.held]).toEqual([8, 0])
  })

  it('keeps what it shows while it is paused, whatever the log forgets, and can be filtered then', () => {
    const log = createMessageLog({ maxRows: 10, maxSize: 1e9 })
    const view = createLogView(log)
    fill(log, 0, 10)
    view.setPaused(true)
    fill(log, 10, 100)
    expect(shown(view)[0]).toBe('message 0')
    view.setFilter({ ...everything, text: '7' })
    view.update(1000)
    expect(shown(view)).toEqual(['message 7'])
    view.setPaused(false)
    view.update(1000)
    expect(shown(view)).toEqual(['message 97'])
  })
})
