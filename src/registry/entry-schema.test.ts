import { describe, expect, it } from 'vitest'
import { entryToFile, entryToLine } from '../core/index.js'
import { checkManagedEntry, parseForeignEntry, parseManagedEntry } from './entry-schema.js'

const spike = {
  id: 'server-1735946123456-abc123',
  port: 54321,
  pid: 12345,
  startedAt: '2026-01-03T17:42:03.456Z',
}
const managed = {
  ...spike,
  name: 'worker-a',
  host: '127.0.0.1',
  auth: 'open',
  instance: '0'.repeat(32),
  machine: 'm',
}

describe('a foreign entry', () => {
  it("is read as the spike's text has it", () => {
    expect(parseForeignEntry(spike)).toEqual({ ok: true, entry: { ...spike, state: 'up' } })
  })
  it('needs no startedAt, as in the drawing of the spike', () => {
    const { startedAt: _, ...bare } = spike
    expect(parseForeignEntry(bare)).toEqual({ ok: true, entry: { ...bare, state: 'up' } })
  })
  it('is shown without the fields that mean something else to its writer', () => {
    const odd = {
      ...spike,
      name: 7,
      meta: 'text',
      host: 'evil.test/path',
      auth: { odd: true },
      startedAt: 'yesterday',
      color: 'teal',
    }
    const { startedAt: _, ...bare } = spike
    expect(parseForeignEntry(odd)).toEqual({ ok: true, entry: { ...bare, state: 'up' } })
  })
  it.each([
    ['port', '80'],
    ['port', -1],
    ['port', 1.5],
    ['port', 70_000],
    ['port', 0],
    ['pid', 0],
    ['pid', '12'],
    ['pid', 2 ** 31],
    ['id', ''],
    ['id', '../../etc/passwd'],
    ['id', '.hidden'],
    ['id', '<script>'],
    ['id', 42],
  ])('is refused when its %s is %j', (field, value) => {
    const parsed = parseForeignEntry({ ...spike, [field]: value })
    expect(parsed.ok).toBe(false)
    if (!parsed.ok) expect(parsed.problem).toMatch(new RegExp(`^${field} .*got `))
  })
  it('keeps its startedAt as it was written, in whatever zone', () => {
    const startedAt = '2026-11-24T10:00:00+02:00'
    expect(parseForeignEntry({ ...spike, startedAt })).toMatchObject({ ok: true, entry: { startedAt } })
  })
  it('is refused when its id is longer than 128 characters', () => {
    expect(parseForeignEntry({ ...spike, id: 'a'.repeat(128) }).ok).toBe(true)
    expect(parseForeignEntry({ ...spike, id: 'a'.repeat(129) }).ok).toBe(false)
  })
  it.each([null, 'text', 7, []])('is refused when it is %j', (value) => {
    expect(parseForeignEntry(value).ok).toBe(false)
  })
})

describe('a managed entry', () => {
  it('is read with its fields in the documented order', () => {
    const shuffled = Object.fromEntries(Object.entries(managed).reverse())
    const parsed = parseManagedEntry({ ...shuffled, secret: 'secret', unknown: 1 })
    expect(parsed.ok && Object.keys(parsed.entry)).toEqual([...Object.keys(managed), 'state'])
  })
  it.each([
    ['instance', 'short'],
    ['host', '1@evil.test'],
    ['host', '127.0.0.1:80'],
    ['host', 'a b'],
    ['path', 'no-slash'],
    ['path', '/with space'],
    ['name', 'two words'],
    ['auth', 'maybe'],
    ['meta', []],
    ['startedAt', 'yesterday'],
  ])('is refused when its %s is %j', (field, value) => {
    expect(() => checkManagedEntry({ ...managed, [field]: value })).toThrow(
      expect.objectContaining({ code: 'WSYARD_ERR_ENTRY_INVALID', message: expect.stringContaining(field) }),
    )
  })
  it('is refused in our own words', () => {
    const { startedAt: _, ...timeless } = managed
    const problems = [
      timeless,
      { ...managed, port: '80' },
      { ...managed, port: 70_000 },
      { ...managed, auth: 'maybe' },
      { ...managed, path: `/${'x'.repeat(1024)}` },
      { ...managed, name: 7 },
      'text',
    ].map((value) => parseManagedEntry(value))
    expect(problems.map((parsed) => (parsed.ok ? 'read' : parsed.problem))).toEqual([
      'startedAt is missing',
      'port must be a whole number from 1 to 65535 (got "80")',
      'port must be a whole number from 1 to 65535 (got 70000)',
      'auth must be "open" or "token" (got "maybe")',
      expect.stringMatching(/^path must have at most 1024 characters \(got /),
      'name must be a text (got 7)',
      'it is not an object (got "text")',
    ])
  })
  it('counts the bytes of its meta, not the characters', () => {
    expect(parseManagedEntry({ ...managed, meta: { text: 'é'.repeat(2040) } }).ok).toBe(true)
    expect(parseManagedEntry({ ...managed, meta: { text: 'é'.repeat(2045) } }).ok).toBe(false)
  })
  it('is written without its state, and into the index without what only a judge of its liveness needs', () => {
    const entry = checkManagedEntry(managed)
    expect(Object.keys(entryToFile(entry))).toEqual(Object.keys(managed))
    expect(Object.keys(entryToLine(entry))).toEqual(Object.keys(managed).filter((key) => key !== 'machine'))
    expect(Object.keys(entryToLine(entry)).slice(0, 4)).toEqual(['id', 'port', 'pid', 'startedAt'])
  })
})
