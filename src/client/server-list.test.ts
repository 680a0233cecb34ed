import { expect, it } from 'vitest'
import type { SnapshotServer } from '../core/index.js'
import { createServerList } from './server-list.js'
import { disconnected } from './standing.js'

const server = (id: string, root: string, source?: string): SnapshotServer => ({
  id,
  name: 'worker',
  port: 4000,
  pid: 1,
  state: 'up',
  scope: { directory: root, worktree: root },
  ...(source !== undefined && { source }),
})
const theirs = server('theirs', '/app', 'etcd://h:2379/wsyard')
const mine = server('mine', '/other')

it('finds by a name the server of the own machine as soon as there is one, and none of a shared registry afterwards', () => {
  const list = createServerList(
    () => {},
    () => disconnected,
    '/app',
  )
  list.take({ type: 'snapshot', entries: [theirs] })
  expect(list.find('worker')).toBe(theirs)
  list.take({ type: 'change', changes: [{ type: 'added', entry: mine }] })
  expect(list.find('worker')).toBe(mine)
  list.take({ type: 'change', changes: [{ type: 'removed', entry: mine, reason: 'exited' }] })
  expect(list.find('worker')).toBeUndefined()
  expect(list.find('theirs')).toBe(theirs)
})
