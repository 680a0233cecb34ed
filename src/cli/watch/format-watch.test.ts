import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Change, SnapshotServer, WatchEvent } from '../../core/index.js'
import { createWatchFormatter } from './format-watch.js'

const a: SnapshotServer = { id: 'server-1', name: 'worker-a', port: 8080, pid: 77, state: 'up' }
const b: SnapshotServer = { id: 'b', port: 8081, pid: 78, state: 'up' }

function snapshot(revision: number, ...entries: SnapshotServer[]): WatchEvent<SnapshotServer> {
  return { type: 'snapshot', epoch: 'e', revision, entries }
}
function change(...changes: Change<SnapshotServer>[]): WatchEvent<SnapshotServer> {
  return { type: 'change', epoch: 'e', revision: 1, changes }
}

/** What each event is worth, without the time. */
function lines(...events: WatchEvent<SnapshotServer>[]): string[] {
  const format = createWatchFormatter()
  return events.map((event) =>
    stripVTControlCharacters(format(event, new Date())).replaceAll(/^\d\d:\d\d:\d\d {2}/gm, ''),
  )
}

describe('wsyard watch', () => {
  it('has a line for each server that is there, and for each that comes, changes or goes', () => {
    expect(
      lines(
        snapshot(0, a),
        change({ type: 'added', entry: b }),
        change({ type: 'updated', entry: { ...b, state: 'unresponsive' } }),
        change({ type: 'updated', entry: { ...b, meta: { role: 'x' }, port: 9 } }),
        change(
          { type: 'removed', entry: a, reason: 'exited' },
          { type: 'removed', entry: b, reason: 'replaced' },
        ),
      ),
    ).toEqual([
      '=  worker-a  port 8080  pid 77  server-1\n',
      '+  b         port 8081  pid 78\n',
      '~  b         unresponsive\n',
      '~  b         port changed  up  meta changed\n',
      '-  worker-a  exited\n-  b         replaced\n',
    ])
  })

  it('has of another snapshot what is other than before', () => {
    expect(lines(snapshot(0, a), snapshot(7, b), snapshot(8, b))).toEqual([
      '=  worker-a  port 8080  pid 77  server-1\n',
      '-  worker-a  gone\n+  b         port 8081  pid 78\n',
      '',
    ])
  })

  it('shows at which time', () => {
    const line = createWatchFormatter()(snapshot(0, b), new Date(2026, 0, 2, 3, 4, 5))
    expect(stripVTControlCharacters(line)).toMatch(/^03:04:05 {2}= {2}b /)
  })

  it('lets nothing that a server calls itself move the cursor', () => {
    expect(lines(snapshot(0, { ...b, name: 'a\x1b[2J\n' }))).toEqual([
      '=  a\\x1b[2J   port 8081  pid 78  b\n',
    ])
  })
})
