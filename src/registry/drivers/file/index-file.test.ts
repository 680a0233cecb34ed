import { describe, expect, it } from 'vitest'
import {
  addedForeignLines,
  emptyIndex,
  formatIndex,
  formatNextIndex,
  type Index,
  parseIndex,
  reconcileIndex,
} from './index-file.js'

const instance = 'a'.repeat(32)
const managed = (id: string, port = 1000) => ({ id, port, pid: 1, instance })
const foreign = (id: string) => ({ id, port: 2000, pid: 2, color: 'teal' })
const index = (...lines: unknown[]): Index => ({ root: { servers: lines }, lines })
const source = (...lines: { id: string }[]) => ({
  managedIds: new Set(lines.map(({ id }) => id)),
  lineFor: (id: string) => lines.find((line) => line.id === id),
})

describe('parseIndex', () => {
  it('reads what the format writes', () => {
    expect(parseIndex(formatIndex(index(foreign('a'))))?.lines).toEqual([foreign('a')])
  })
  it('skips a byte order mark and takes CRLF', () => {
    expect(parseIndex('\uFEFF{\r\n"servers": []\r\n}\r\n')?.lines).toEqual([])
  })
  it.each([
    '',
    'garbage',
    '\0\0\0',
    '[]',
    '{}',
    '{"servers": {}}',
    '{"servers": [',
    'null',
    '['.repeat(100_000),
  ])('tells %j from an index', (text) => {
    expect(parseIndex(text)).toBeUndefined()
  })
})

it('takes JSON that is nested too deep to be written again for no index', () => {
  const nested = (depth: number): string => `{"servers":[{"x":${'['.repeat(depth)}${']'.repeat(depth)}}]}`
  expect(parseIndex(nested(50))).toBeDefined()
  expect(parseIndex(nested(100_000))).toBeUndefined()
})

describe('formatIndex', () => {
  it('writes two-space JSON with the fields of the top level that are not ours', () => {
    const text = formatIndex({ root: { servers: [], owner: 'someone' }, lines: [{ id: 'a' }] })
    expect(text).toBe('{\n  "servers": [\n    {\n      "id": "a"\n    }\n  ],\n  "owner": "someone"\n}\n')
  })
})

describe('reconcileIndex', () => {
  it('returns the very index when it is right already', () => {
    const right = index(foreign('f'), managed('a'))
    expect(reconcileIndex(right, source(managed('a')))).toBe(right)
  })
  it('adds a managed entry that is missing, at the end', () => {
    expect(reconcileIndex(index(foreign('f')), source(managed('a'))).lines).toEqual([
      foreign('f'),
      managed('a'),
    ])
  })
  it('takes out a managed line that has no file', () => {
    expect(reconcileIndex(index(managed('a'), foreign('f')), source()).lines).toEqual([foreign('f')])
  })
  it('replaces a managed line that says something else, in its place', () => {
    const next = reconcileIndex(index(managed('a', 1), foreign('f')), source(managed('a', 2)))
    expect(next.lines).toEqual([managed('a', 2), foreign('f')])
  })
  it('keeps one line of a managed id that stands there twice', () => {
    expect(reconcileIndex(index(managed('a'), managed('a')), source(managed('a'))).lines).toEqual([
      managed('a'),
    ])
  })
  it('keeps foreign lines with their unknown fields, even those that make no sense', () => {
    const odd = [foreign('f'), 'text', null, { id: 7 }]
    expect(reconcileIndex(index(...odd), source(managed('a'))).lines).toEqual([...odd, managed('a')])
  })
  it('takes out a foreign line whose id a managed entry has', () => {
    expect(reconcileIndex(index(foreign('a')), source(managed('a'))).lines).toEqual([managed('a')])
  })
  it('keeps a foreign line whose id has a file that is broken, restored or not, and then finds nothing to do', () => {
    const wanted = { managedIds: new Set(['f']), lineFor: () => undefined, restore: [foreign('f')] }
    const once = reconcileIndex(emptyIndex, wanted)
    expect(once.lines).toEqual([foreign('f')])
    expect(reconcileIndex(once, wanted)).toBe(once)
  })
  it('does not restore a line whose server is gone', () => {
    const wanted = { ...source(), restore: [foreign('gone')], isForeignGone: () => true }
    expect(reconcileIndex(emptyIndex, wanted)).toBe(emptyIndex)
  })
  it('takes out a foreign line whose server is gone', () => {
    const wanted = { ...source(), isForeignGone: (line: unknown) => (line as { id: string }).id === 'gone' }
    expect(reconcileIndex(index(foreign('gone'), foreign('f')), wanted).lines).toEqual([foreign('f')])
  })
  it('puts back foreign lines of an index that was lost, but not twice', () => {
    const wanted = { ...source(), restore: [foreign('f'), foreign('g')] }
    expect(reconcileIndex(index(foreign('f')), wanted).lines).toEqual([foreign('f'), foreign('g')])
    expect(reconcileIndex(emptyIndex, wanted).lines).toEqual([foreign('f'), foreign('g')])
  })
  it('leaves out an entry whose file turned out not to be one', () => {
    const wanted = { managedIds: new Set(['broken']), lineFor: () => undefined }
    expect(reconcileIndex(emptyIndex, wanted)).toBe(emptyIndex)
  })
})

it('writes an index without the byte order mark that it was read with', () => {
  const text = formatIndex(index(foreign('f')))
  const read = parseIndex(`\uFEFF${text}`) ?? expect.unreachable()
  const before = { ...read, bytes: Buffer.from(`\uFEFF${text}`) }
  expect(formatNextIndex(reconcileIndex(before, source()), before)).toEqual([text])
  const [longer] = formatNextIndex(reconcileIndex(before, source(managed('a'))), before)
  expect(longer).toBe(formatIndex(index(foreign('f'), managed('a'))))
})

describe('addedForeignLines', () => {
  it('tells what a foreign writer added, and nothing of ours', () => {
    const before = index(foreign('stays'), foreign('leaves'), managed('a'))
    const after = index(foreign('stays'), foreign('comes'), managed('b'))
    expect(addedForeignLines(before, after)).toEqual([foreign('comes')])
  })
})

describe('formatNextIndex', () => {
  const added = [managed('new'), { id: 'odd', text: 'a\n  ]\n}', nested: { list: [1, [2]], none: {} } }]
  const read = (text: string): Index => ({
    ...(parseIndex(text) ?? expect.unreachable()),
    bytes: Buffer.from(text),
  })
  const next = (before: Index, lines: readonly unknown[]): string => {
    const pieces = formatNextIndex({ root: before.root, lines }, before)
    const text = Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString()
    expect(read(text).lines).toEqual(lines)
    return text
  }

  it('takes over the bytes of the lines that stay', () => {
    const before = read(formatIndex(index(foreign('a'), foreign('ünï→🙂'))))
    const [kept] = formatNextIndex({ root: before.root, lines: [...before.lines, ...added] }, before)
    expect(kept).toBeInstanceOf(Uint8Array)
    expect(before.bytes?.subarray(0, kept?.length)).toEqual(kept)
  })

  it.each([
    ['some lines', index(foreign('a'), managed('b'))],
    ['no lines', index()],
    ['text of all kinds', index({ id: 'ünï→🙂', text: 'é' })],
    ['other fields before', { root: { owner: 'me', servers: [] }, lines: [foreign('a')] }],
    ['other fields behind', { root: { servers: [], owner: { of: [{}] } }, lines: [foreign('a')] }],
  ])('is what formatIndex gives, for an index with %s', (_what, content) => {
    const before = read(formatIndex(content))
    const lines = [...before.lines, ...added]
    expect(next(before, lines)).toBe(formatIndex({ root: before.root, lines }))
  })

  it.each([
    ['when a line has gone', (lines: readonly unknown[]) => [...lines.slice(1), ...added]],
    ['when a line is another', (lines: readonly unknown[]) => [managed('c'), ...lines.slice(1), ...added]],
    ['when nothing is new', (lines: readonly unknown[]) => lines],
  ])('%s too', (_when, change) => {
    const before = read(formatIndex(index(foreign('a'), managed('b'))))
    const lines = change(before.lines)
    expect(next(before, lines)).toBe(formatIndex({ root: before.root, lines }))
  })

  it.each([
    ['in one line', JSON.stringify(index(foreign('a')).root)],
    ['by Windows', formatIndex(index(foreign('a'))).replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${formatIndex(index(foreign('a')))}`],
    ['without a newline at its end', formatIndex(index(foreign('a'))).trimEnd()],
    [
      'with an end that only looks like it',
      '{"x": {"z": [{\n    }\n  ]\n},"servers":[{"id":"a"}],"y":[{\n    }\n  ]\n}',
    ],
    ['with two lists of servers', '{"servers":[{"id":"z"}],"servers":[{"id":"a"\n    }\n  ]\n}'],
  ])('loses nothing of an index written %s', (_how, text) => {
    const before = read(text)
    next(before, [...before.lines, ...added])
  })
})
