/**
 * The shipped JSON Schema of an entry file: what the generator gives, and the same judgement as wsyard's own reader.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { entryJsonSchema, entryJsonSchemaText } from '../scripts/entry-json-schema.js'
import { managedEntrySchema, maxMetaBytes, parseManagedEntry } from '../src/registry/entry-schema.js'
import { openRegistry } from '../src/registry/index.js'
import { createTestHome, projectRoot } from './support/processes.js'

const path = join(projectRoot, 'schema/entry.schema.json')
const schema = JSON.parse(readFileSync(path, 'utf8'))
const protocol = readFileSync(join(projectRoot, 'PROTOCOL.md'), 'utf8')

/** `format` as a mere remark, which validators may take it for: the rest must be enough. */
const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(schema)

const least = {
  id: 'server-1735946123456-abc123',
  port: 54321,
  pid: 12345,
  startedAt: '2026-01-03T17:42:03.456Z',
  instance: '0123456789abcdef'.repeat(2),
}

const good: [string, object][] = [
  ['has nothing but what it must have', {}],
  [
    'has every field',
    { name: 'a', host: '::1', path: '/ws', auth: 'token', token: 'x'.repeat(43), meta: { a: [1] } },
  ],
  ['says where and when its process started', { machine: 'm', processStart: 'p' }],
  ['says where it belongs', { scope: { directory: '/a b', worktree: '/', branch: 'feature/x' } }],
  ['belongs to a directory of Windows', { scope: { directory: 'C:\\work', kind: 'unknown' } }],
  ['has an owner', { owner: { pid: 1, processStart: 'p' } }],
  ['has fields that nobody knows', { secret: 'x', color: { name: 'teal' } }],
  ['has the smallest numbers', { port: 1, pid: 1 }],
  ['has the largest numbers', { port: 65_535, pid: 2 ** 31 - 1 }],
  ['has the longest id', { id: 'a'.repeat(128) }],
  ['has every character of an id', { id: 'aZ9_.-' }],
  ['has a path that asks', { path: '/a/b?c=d&e=%20' }],
  ['has the longest path', { path: `/${'a'.repeat(1023)}` }],
  ['has no fraction of a second', { startedAt: '2026-01-03T17:42:03Z' }],
  ['has the offset that Python writes', { startedAt: '2026-01-03T17:42:03.456789+00:00' }],
  ['has an empty meta', { meta: {} }],
]

const bad: [string, unknown][] = [
  ...(['id', 'port', 'pid', 'startedAt', 'instance'] as const).map((field): [string, unknown] => [
    `has no ${field}`,
    Object.fromEntries(Object.entries(least).filter(([key]) => key !== field)),
  ]),
  ...Object.entries({
    id: ['', '.hidden', '../x', 'a b', 'é', `${least.id}\n`, 'a'.repeat(129), 7, null],
    port: [0, -1, 1.5, 65_536, '80', null],
    pid: [0, -1, 1.5, 2 ** 31, '80', null],
    startedAt: [
      'yesterday',
      '2026-01-03',
      '17:42:03',
      '2026-13-03T17:42:03Z',
      '2026-01-03T24:00:00Z',
      1,
      null,
    ],
    name: ['', 'two words', null],
    host: ['1@evil.test', '127.0.0.1:80', 'a b', 'evil.test/path', '[::1]', '', null],
    path: ['', 'no-slash', '/with space', '/with#hash', '/é', `/${'a'.repeat(1024)}`, null],
    auth: ['maybe', '', null],
    meta: [[], 'text', null],
    instance: ['short', '0'.repeat(33), 'A'.repeat(32), 'g'.repeat(32), null],
    machine: ['m'.repeat(129), 1, null],
    processStart: ['p'.repeat(129), 1, null],
    scope: [
      {},
      '/a',
      null,
      { directory: 'relative' },
      { directory: `/${'a'.repeat(1024)}` },
      { directory: '/', worktree: 1 },
      { directory: '/', branch: 'b'.repeat(1025) },
    ],
    owner: [{}, 12, null, { pid: 0 }, { pid: 1, processStart: 1 }],
  }).flatMap(([field, values]) =>
    values.map((value): [string, unknown] => [
      `has the ${field} ${shorten(value)}`,
      { ...least, [field]: value },
    ]),
  ),
  ...[null, [], 'text', 7].map((value): [string, unknown] => [`is ${JSON.stringify(value)}`, value]),
]

describe('schema/entry.schema.json', () => {
  it('is what the generator makes of the rules and of PROTOCOL.md (else: npm run schema)', () => {
    expect(readFileSync(path, 'utf8')).toBe(entryJsonSchemaText(managedEntrySchema, protocol))
  })

  it('comes with the package under its own name', () => {
    expect(createRequire(import.meta.url).resolve('wsyard/entry.schema.json')).toBe(path)
  })

  it('has every field of PROTOCOL.md that is written, each with a description', () => {
    const rows = [...protocol.matchAll(/^\| `(\w+)` +\| (?:string|number|object)/gm)].map(
      ([, field]) => field,
    )
    const written = rows.filter((field) => field !== 'state' && field !== 'source') // which are for pages alone
    expect(Object.keys(schema.properties)).toEqual(written)
    for (const field of written) expect(schema.properties[String(field)].description).toMatch(/\w/)
    expect(schema.properties.meta.description).toContain(`${maxMetaBytes} bytes`)
  })

  it('is not made when PROTOCOL.md does not know a field', () => {
    const without = protocol.replace(/^\| `auth` .*$/m, '')
    expect(() => entryJsonSchema(managedEntrySchema, without)).toThrow('no row for the field "auth"')
  })

  it('accepts the files that the registry writes', async () => {
    await using home = createTestHome()
    await using registry = openRegistry({ home: home.path })
    await registry.register({ port: 8080 })
    await registry.register({
      port: 8081,
      name: 'a',
      host: '::1',
      path: '/ws',
      auth: 'token',
      meta: { a: [1] },
    })
    const directory = join(home.path, 'servers.d')
    const files = readdirSync(directory).map((name) =>
      JSON.parse(readFileSync(join(directory, name), 'utf8')),
    )
    expect(files).toHaveLength(2)
    for (const file of files) expect(validate(file), JSON.stringify(validate.errors)).toBe(true)
  })

  it.each(good)('accepts, as wsyard does, an entry that %s', (_what, fields) => {
    const entry = { ...least, ...fields }
    expect(parseManagedEntry(entry)).toMatchObject({ ok: true })
    expect(validate(entry), JSON.stringify(validate.errors)).toBe(true)
  })

  it.each(bad)('refuses, as wsyard does, an entry that %s', (_what, entry) => {
    expect(parseManagedEntry(entry)).toMatchObject({ ok: false })
    expect(validate(entry)).toBe(false)
  })
})

function shorten(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 36)}…` : text
}
