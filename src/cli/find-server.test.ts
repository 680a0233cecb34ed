import { expect, it } from 'vitest'
import type { Entry } from '../registry/index.js'
import { choose, describeChoice, type Wanted } from './find-server.js'

const entries = (...list: readonly (readonly [id: string, directory?: string, branch?: string])[]) =>
  new Map<string, Entry>(
    list.map(([id, directory, branch], index) => [
      id,
      {
        id,
        name: 'worker-a',
        port: 8000 + index,
        pid: 1,
        startedAt: `2026-01-03T17:00:0${index}Z`,
        state: 'up',
        ...(directory !== undefined && {
          scope: { directory, worktree: directory, ...(branch !== undefined && { branch }) },
        }),
      },
    ]),
  )

const here: Wanted = { key: 'worker-a', project: '/home/me/app', isStrict: false }

function explain(wanted: Wanted, map: ReadonlyMap<string, Entry>): string | undefined {
  const chosen = choose(wanted, map)
  return chosen && describeChoice(wanted, map, chosen)
}

it('says nothing where there is nothing to choose', () => {
  expect(explain(here, entries(['one', '/home/me/app']))).toBeUndefined()
  const two = entries(['one', '/home/me/app'], ['two', '/home/me/app'])
  expect(explain({ ...here, key: 'one' }, two)).toBeUndefined()
})

it.each([
  [
    entries(['mine', '/home/me/app', 'main'], ['other', '/home/me/other']),
    '2 servers are called worker-a: this is the one of this project (mine, branch main); the other is in /home/me/other (other). Name one by its id, or its project by --scope.',
  ],
  [
    entries(['old', '/home/me/app'], ['new', '/home/me/app']),
    '2 servers are called worker-a: this is the newest of this project (new); the other is old. Name one by its id, or its project by --scope.',
  ],
  [
    entries(['a'], ['b', '/srv/b'], ['c', '/srv/c', 'fix'], ['d', '/srv/\x1b[2J'], ['e']),
    '5 servers are called worker-a: this is the newest (e); the others are a, in /srv/b (b), in /srv/c (c) and 1 more. Name one by its id, or its project by --scope.',
  ],
])('says which of several it is, and where the others are', (map, text) => {
  expect(explain(here, map)).toBe(text)
})

it('says of the one that it took that it is the newest that is up where a newer one is not', () => {
  const map = entries(['up', '/home/me/app'], ['hung', '/home/me/app'], ['hung-too', '/home/me/other'])
  for (const id of ['hung', 'hung-too']) {
    const entry = map.get(id)
    if (entry) map.set(id, { ...entry, state: 'unresponsive' })
  }
  expect(explain(here, map)).toContain('this is the newest that is up of this project (up);')
})

it('compares with those alone that are as close to the project', () => {
  const map = entries(['mine', '/home/me/app'], ['below', '/home/me/app/vendor/tool'])
  expect(explain(here, map)).toContain(
    'this is the one of this project (mine); the other is in /home/me/app/vendor/tool (below).',
  )
})

it('means any where the working directory has been removed', () => {
  const nowhere: Wanted = { ...here, project: undefined }
  expect(choose(nowhere, entries(['one', '/home/me/app']))?.id).toBe('one')
})

it('means no server of another project where somebody said which, unless by its id', () => {
  const map = entries(['mine', '/home/me/app'], ['other', '/home/me/other'])
  const there: Wanted = { key: 'worker-a', project: '/home/me/other', isStrict: true }
  expect(choose(there, map)?.id).toBe('other')
  expect(explain(there, map)).toBeUndefined()
  expect(choose({ ...there, project: '/home/me/third' }, map)).toBeUndefined()
  expect(choose({ ...there, project: '/home/me/third', key: 'mine' }, map)?.id).toBe('mine')
})

it('means the server of the own registry before those that others have put into a shared one', () => {
  const map = entries(['mine', '/home/me/other'], ['theirs', '/home/me/app'], ['third', '/home/me/app'])
  for (const id of ['theirs', 'third']) share(map, id)
  expect(explain(here, map)).toContain(
    "3 servers are called worker-a: this is the one of this machine's own registry (mine); the others are in /home/me/app (theirs), in /home/me/app (third).",
  )
  const there: Wanted = { ...here, isStrict: true }
  expect(choose(there, map)?.id).toBe('third')
  share(map, 'mine')
  expect(explain(here, map)).toContain('this is the newest of this project (third)')
})

function share(map: Map<string, Entry>, id: string): void {
  const entry = map.get(id)
  if (entry) map.set(id, { ...entry, source: 'etcd://h:2379/wsyard' })
}
