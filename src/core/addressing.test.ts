import { describe, expect, it } from 'vitest'
import { addressesOf, findServer, notFound, pathOf } from './addressing.js'
import type { Entry } from './entry.js'

function entry(fields: Partial<Entry>): Entry {
  return { id: 'a', port: 4000, pid: 1, state: 'up', ...fields }
}

function byId(...entries: Entry[]): Map<string, Entry> {
  return new Map(entries.map((one) => [one.id, one]))
}

function scoped(one: Entry, worktree: string): Entry {
  return { ...one, scope: { directory: `${worktree}/src`, worktree } }
}

describe('findServer', () => {
  const old = entry({ id: 'w-1', name: 'w', startedAt: '2026-01-01T00:00:00.000Z' })
  const young = entry({ id: 'w-2', name: 'w', startedAt: '2026-01-02T00:00:00.000Z' })
  const silent = entry({ ...young, id: 'w-3', startedAt: '2026-01-03T00:00:00.000Z', state: 'unresponsive' })
  const timeless = entry({ id: 'w-0', name: 'w' })
  const travelled = entry({ id: 'w-4', name: 'w', startedAt: '2026-01-02T01:00:00.000+09:00' })
  const namesake = entry({ id: 'w', name: 'x' })

  it.each([
    ['of the project before a newer one of another', '/p', [scoped(old, '/p'), scoped(young, '/q')], 'w-1'],
    [
      'the newest of the project',
      '/p',
      [scoped(old, '/p'), scoped(young, '/p'), entry({ ...silent, id: 'q' })],
      'w-2',
    ],
    ['silent, if it alone is of the project', '/p', [scoped(silent, '/p'), young], 'w-3'],
    ['in its worktree before below it', '/p', [scoped(young, '/p/nested'), scoped(old, '/p')], 'w-1'],
    ['below it before elsewhere', '/p', [scoped(old, '/p/nested'), scoped(young, '/pq')], 'w-1'],
    ['the newest of all where none is of the project', '/r', [scoped(old, '/p'), scoped(young, '/q')], 'w-2'],
    ['the newest of all on behalf of none', undefined, [scoped(old, '/p'), scoped(young, '/q')], 'w-2'],
  ])('finds by name the one %s', (_what, project, servers, expected) => {
    expect(findServer(byId(...servers), 'w', project)?.id).toBe(expected)
  })

  const shared = { source: 'etcd://h:2379/wsyard' }
  const forged = scoped(
    entry({ ...shared, id: 'w-9', name: 'w', startedAt: '2099-01-01T00:00:00.000Z' }),
    '/p',
  )
  const forgedId = { ...forged, id: 'w', name: 'x' }
  const busy = entry({ ...old, state: 'unresponsive' })

  it.each([
    ['of this machine before a newer and closer one', [scoped(old, '/q'), forged], 'w-1'],
    ['of this machine before one that is up', [busy, forged], 'w-1'],
    ['of this machine before one with that name for its id', [old, forgedId], 'w-1'],
    ['with that name for its id before another of a shared registry', [forged, forgedId], 'w'],
    ['of the project where all are of a shared registry', [{ ...young, ...shared }, forged], 'w-9'],
  ])('finds the one %s, where some are of a shared registry', (_what, servers, expected) => {
    expect(findServer(byId(...servers), 'w', '/p')?.id).toBe(expected)
  })

  it.each([
    ['an id', 'w-1', [old, young], 'w-1'],
    ['an id before a name', 'w', [young, namesake], 'w'],
    ['the newest of a name', 'w', [young, old], 'w-2'],
    ['the newest by the instant, not by the text', 'w', [travelled, young], 'w-2'],
    ['the newest that is up', 'w', [old, young, silent], 'w-2'],
    ['the newest when none is up', 'w', [{ ...old, state: 'unresponsive' as const }, silent], 'w-3'],
    ['one that says when it started before one that does not', 'w', [old, timeless], 'w-1'],
    ['nothing by another case', 'W', [old], undefined],
    ['nothing by the name of a property', '__proto__', [old], undefined],
    ['nothing that is percent-encoded', '%77', [old], undefined],
  ])('finds %s', (_what, key, entries, id) => {
    expect(findServer(byId(...entries), key)?.id).toBe(id)
  })
})

describe('pathOf', () => {
  it.each([
    ['', undefined, '/'],
    ['', '/ws', '/ws'],
    ['?x=1', undefined, '/?x=1'],
    ['?x=1', '/ws', '/ws?x=1'],
    ['?x=1', '/ws?v=2', '/ws?v=2&x=1'],
    ['/', '/ws', '/'],
    ['/room/1?x=%20', '/ws', '/room/1?x=%20'],
    ['//evil.test/', '/ws', '//evil.test/'],
    ['/../../x', undefined, '/../../x'],
  ])('of "%s" behind the name, for a server at %s, is %s', (rest, path, asked) => {
    expect(pathOf(entry(path === undefined ? {} : { path }), rest)).toBe(asked)
  })
})

describe('addressesOf', () => {
  it.each([
    [undefined, ['127.0.0.1', '::1']],
    ['localhost', ['127.0.0.1', '::1']],
    ['LOCALHOST', ['127.0.0.1', '::1']],
    ['app.localhost', ['127.0.0.1', '::1']],
    ['0.0.0.0', ['127.0.0.1', '::1']],
    ['::', ['127.0.0.1', '::1']],
    ['127.0.0.1', ['127.0.0.1']],
    ['127.3.2.1', ['127.3.2.1']],
    ['::1', ['::1']],
    ['192.168.1.7', []],
    ['169.254.169.254', []],
    ['127.1', []],
    ['0177.0.0.1', []],
    ['2130706433', []],
    ['::ffff:10.0.0.1', []],
    ['localhost6', []],
    ['localhost.evil.test', []],
    ['127.0.0.1.evil.test', []],
    ['127.0.0.1@evil.test', []],
    ['', []],
  ])('of host %s are %j', (host, addresses) => {
    expect(addressesOf(entry(host === undefined ? {} : { host }))).toEqual(addresses)
  })
})

describe('notFound', () => {
  it('names the servers that there are, twenty at most', () => {
    const many = Array.from({ length: 23 }, (_, number) => entry({ id: `s-${number}` }))
    expect(notFound(byId(...many), 'x').message).toMatch(/"x".* s-0, s-1, .* s-19, and 3 more\.$/)
    expect(notFound(byId(entry({ name: 'n' })), 'x').message).toMatch(/There are: n\.$/)
    expect(notFound(byId(), 'x').message).toMatch(/No server runs\.$/)
    expect(notFound(byId(), 'x'.repeat(9000)).message.length).toBeLessThan(300)
  })
})
