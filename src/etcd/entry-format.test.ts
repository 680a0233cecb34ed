import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { describe, expect, it, vi } from 'vitest'
import { type ManagedEntry, Token } from '../core/index.js'
import { here } from '../registry/drivers/index.js'
import { fromBase64, toBase64 } from './client/wire.js'
import { createEntryFormat } from './entry-format.js'
import { createSeal, type Seal } from './seal.js'

const entry: ManagedEntry = {
  id: 'a',
  port: 8080,
  pid: 2,
  startedAt: '2026-11-26T09:00:00.000Z',
  name: 'worker',
  host: '0.0.0.0',
  meta: { role: 'Grüße' },
  instance: '0'.repeat(32),
  machine: 'elsewhere.0',
  state: 'up',
}
const own: ManagedEntry = { ...entry, machine: here().machine }
const token = randomBytes(32).toString('base64url')
const withToken: ManagedEntry = { ...own, auth: 'token', token: new Token(token) }
const source = 'etcd://host:2379/wsyard'

function formatWith(seal?: Seal, prefix = 'wsyard/', onWarning = () => {}) {
  return createEntryFormat({ source, prefix, seal, onWarning })
}
const { write, read } = formatWith()
const newSeal = (): Seal => createSeal(randomBytes(32).toString('base64'), '/key')
const json = (value: unknown): string => toBase64(JSON.stringify(value))
const fieldsOf = (value: string): Record<string, unknown> => JSON.parse(fromBase64(value))

/** What another machine makes of what one writes. */
const seenElsewhere = (fields: object) =>
  read('a', json({ ...fieldsOf(write(own)), machine: 'elsewhere.0', ...fields }))

describe('an entry', () => {
  it('is read on its own machine as it was written, with where it comes from', () => {
    expect(read('a', write(own))).toEqual({ ...own, source })
  })

  it('is the same text each time, by which a run knows its own', () => {
    const seal = newSeal()
    expect(formatWith(seal).write(withToken)).toBe(formatWith(seal).write(withToken))
  })

  it('of this machine names this run of its system and its network, by which copies of a disk differ', () => {
    const { machine } = fieldsOf(write(own))
    expect(machine).toMatch(/^[0-9a-f]{16}\./)
    expect(machine).not.toBe(here().machine)
  })

  it.each([
    ['nothing', undefined, 'no JSON'],
    ['an empty text', '', 'no JSON'],
    ['half of it', write(entry).slice(0, 40), 'no JSON'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe]).toString('base64'), 'no JSON'],
    ['null', json(null), 'not an object'],
    ['a list', json([entry]), 'is missing'],
    ['another id', json({ ...entry, id: 'b' }), 'the entry "b"'],
    ['no instance', json({ ...entry, instance: undefined }), 'instance is missing'],
    ['no machine', json({ ...entry, machine: undefined }), 'machine is missing'],
    ['a port in quotes', json({ ...entry, port: '1' }), 'port must be a whole number'],
    ['a host with a path', json({ ...entry, host: 'host/path' }), 'host must be'],
    ['too much', json({ ...entry, later: 'x'.repeat(8192) }), 'more than 8192 bytes'],
  ])('is none that holds %s', (_, value, problem) => {
    expect(read('a', value)).toContain(problem)
  })
})

describe('an entry of another machine', () => {
  it('is dialled at the address that it gives for others', () => {
    expect(seenElsewhere({ advertise: '10.0.0.5:18080' })).toMatchObject({ host: '10.0.0.5', port: 18080 })
    expect(seenElsewhere({ advertise: '[fd00::5]:80' })).toMatchObject({ host: 'fd00::5', port: 80 })
  })

  it('has the name of its machine where it gives none', () => {
    expect(fieldsOf(write(own)).hostname).toBe(hostname())
    expect(seenElsewhere({ hostname: 'build-01', host: '127.0.0.1' })).toMatchObject({
      host: 'build-01',
      port: 8080,
    })
  })

  it.each(['localhost', 'a.localhost', '127.0.0.1', '10.0.0.5', '::1', '1', 'two words', '', 5, undefined])(
    'has none that leads anywhere, as "%s"',
    (hostname) => {
      expect(seenElsewhere({ hostname, host: '127.0.0.1' })).toMatchObject({
        host: 'another-machine.invalid',
      })
    },
  )
})

describe('the token of an entry', () => {
  it('is not written without a key', () => {
    const value = fromBase64(write(withToken))
    expect(value).not.toContain(token)
    expect(value).not.toContain('oken":"')
    expect(read('a', write(withToken))).not.toHaveProperty('token')
  })

  it('is read by who has the key, and shown to nobody else', () => {
    const format = formatWith(newSeal())
    const value = format.write(withToken)
    const found = format.read('a', value)
    expect(typeof found === 'object' && found.token?.reveal()).toBe(token)
    expect(fromBase64(value)).not.toContain(token)
    expect(read('a', value)).not.toHaveProperty('token')
  })

  it.each([
    ['address', { advertise: '10.6.6.6:8080' }],
    ['port', { port: 6666 }],
    ['machine', { machine: 'elsewhere.1' }],
    ['process', { pid: 6 }],
    ['label', { later: true }],
  ])('is not read where somebody has changed its %s, and that is said', (_, change) => {
    const onWarning = vi.fn()
    const format = formatWith(newSeal(), 'wsyard/', onWarning)
    const changed = { ...fieldsOf(format.write(withToken)), ...change }
    expect(format.read('a', json(changed))).not.toHaveProperty('token')
    expect(onWarning).toHaveBeenCalledWith(expect.objectContaining({ code: 'WSYARD_ERR_NO_TOKEN' }))
  })

  it('is not read below another prefix', () => {
    const seal = newSeal()
    const value = formatWith(seal, 'team-a/').write(withToken)
    expect(formatWith(seal, 'team-b/').read('a', value)).not.toHaveProperty('token')
  })

  it('is taken from nobody who has written one in the clear', () => {
    expect(read('a', json({ ...entry, token }))).not.toHaveProperty('token')
  })
})
