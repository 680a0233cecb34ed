import { expect, it } from 'vitest'
import type { Entry } from '../../core/index.js'
import { isForOneRun, successorOf } from './successor.js'

const server = (id: string, worktree?: string, name?: string): Entry => ({
  id,
  port: 8000,
  pid: 1,
  state: 'up',
  name: name ?? 'worker-a',
  ...(worktree !== undefined && { scope: { directory: `${worktree}/src`, worktree } }),
})
const { name: _, ...nameless } = server('nobody')

const entries = (...list: readonly Entry[]) => new Map(list.map((entry) => [entry.id, entry]))

it('waits for the one of its own project, whichever others have its name', () => {
  const find = successorOf(server('mine', '/app'), 'worker-a')
  const other = server('other', '/app-fix')
  expect(find(entries(other, server('nowhere')))).toBeUndefined()
  const again = server('again', '/app')
  expect(find(entries(again, other))).toBe(again)
})

it('waits for the one of its own registry, whatever others have put into a shared one', () => {
  const find = successorOf(server('mine', '/app'), 'mine')
  const forged = { ...server('forged', '/app'), source: 'etcd://h:2379/wsyard' }
  expect(find(entries(forged, { ...forged, id: 'mine' }))).toBeUndefined()
  const again = server('again', '/app')
  expect(find(entries(again, forged))).toBe(again)
})

it('waits for one that belongs nowhere where it belonged nowhere', () => {
  const find = successorOf(server('foreign'), 'worker-a')
  expect(find(entries(server('other', '/app')))).toBeUndefined()
  expect(find(entries(server('other', '/app'), server('again')))?.id).toBe('again')
})

it('takes the one that was named by its id while that runs, and then who has its name', () => {
  const mine = server('mine', '/app')
  const twin = server('twin', '/app')
  expect(successorOf(mine, 'mine')(entries(mine, twin))).toBe(mine)
  expect(successorOf(mine, 'mine')(entries(twin))).toBe(twin)
  expect(successorOf(nameless, 'nobody')(entries(twin))).toBeUndefined()
})

it('knows that nobody comes in the place of one without a name whose id is of one run', () => {
  expect(isForOneRun({ ...nameless, id: 'server-1795674933114-j0c4e5' })).toBe(true)
  expect(isForOneRun({ ...nameless, id: 'my-server' })).toBe(false)
  expect(isForOneRun(server('server-1795674933114-j0c4e5'))).toBe(false)
})
