import { describe, expect, it } from 'vitest'
import { parsePush } from './parse-push.js'

const point = { epoch: 'e', revision: 3 }
const server = { id: 'a', port: 1, pid: 2, state: 'up' }
const change = (...changes: unknown[]) => ({ type: 'change', ...point, changes })
const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`

describe('what a hub says', () => {
  it.each([
    {
      type: 'snapshot',
      ...point,
      scope: '/p',
      entries: [{ ...server, name: 'n', meta: { x: [1] }, news: 1 }],
    },
    { type: 'part', ...point, entries: [] },
    change({ type: 'added', entry: server }, { type: 'removed', entry: server, reason: 'exited' }),
    { type: 'bookmark', ...point },
    { type: 'bookmark' },
    { type: 'problem', error: { code: 'X', message: 'y' } },
    { type: 'problem', error: null },
  ])('is read as it stands: %j', (message) => {
    expect(parsePush(JSON.stringify(message))).toEqual(message)
  })

  it.each([
    [{ type: 'news', of: 'later' }, { type: 'bookmark' }],
    [change({ type: 'moved', to: 'x' }), change()],
  ])('is skipped as far as it is not known: %j', (message, read) => {
    expect(parsePush(JSON.stringify(message))).toEqual(read)
  })

  it.each([
    'hello',
    '5',
    'null',
    '[]',
    '{}',
    '{"type":5}',
    `{"type":"snapshot","epoch":"e","revision":0,"entries":[{"id":"a","port":1,"pid":1,"state":"up","meta":${deep}}]}`,
  ])('makes no sense that is %.40s', (text) => {
    expect(parsePush(text)).toBeUndefined()
  })

  it.each([
    { type: 'snapshot', ...point },
    { type: 'snapshot', epoch: 'e', entries: [] },
    { type: 'snapshot', epoch: 5, revision: 1, entries: [] },
    { type: 'snapshot', epoch: 'e', revision: -1, entries: [] },
    { type: 'snapshot', ...point, scope: 5, entries: [] },
    { type: 'snapshot', ...point, entries: {} },
    { type: 'snapshot', ...point, entries: [null] },
    { type: 'part', ...point, entries: [{ ...server, name: 5 }] },
    { type: 'part', ...point, entries: [{ ...server, port: '1' }] },
    { type: 'part', ...point, entries: [{ ...server, state: undefined }] },
    { type: 'change', ...point },
    change(null),
    change({ type: 'added' }),
    change({ entry: server }),
    change({ type: 'removed', entry: server, reason: {} }),
    { type: 'bookmark', epoch: 'e', revision: 'x' },
    { type: 'problem' },
    { type: 'problem', error: {} },
    { type: 'problem', error: 'x' },
  ])('makes no sense that is %j', (message) => {
    expect(parsePush(JSON.stringify(message))).toBeUndefined()
  })
})
