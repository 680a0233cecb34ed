import { expect, it } from 'vitest'
import { closeness } from './scope.js'

const worktree = '/home/me/app'

it.each([
  ['in its worktree', { directory: `${worktree}/src`, worktree }, worktree, 2],
  ['in its very directory, without a git', { directory: worktree }, worktree, 2],
  ['below, without a git', { directory: `${worktree}/src` }, worktree, 1],
  [
    'in a worktree below',
    { directory: `${worktree}/.trees/x`, worktree: `${worktree}/.trees/x` },
    worktree,
    1,
  ],
  ['in another worktree', { directory: '/home/me/other', worktree: '/home/me/other' }, worktree, 0],
  ['in a directory whose name begins alike', { directory: '/home/me/apples' }, worktree, 0],
  ['above', { directory: '/home/me' }, worktree, 0],
  ['below the root of all', { directory: '/srv' }, '/', 1],
  ['below, on Windows', { directory: 'C:\\app\\src' }, 'C:\\app', 1],
  ['nowhere that it says', undefined, worktree, 0],
  ['anywhere, on behalf of no project', { directory: worktree }, undefined, 0],
])('a server that runs %s is as close as that', (_where, scope, root, expected) => {
  expect(closeness(scope, root)).toBe(expected)
})
