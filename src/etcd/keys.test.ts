import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectRoot } from '../../test/support/processes.js'
import { fromBase64, type KeyRange, toBase64 } from './client/wire.js'
import { keysBelow } from './keys.js'

const keys = keysBelow('wsyard/')
const time = new Date('2026-11-26T09:00:00.000Z')
const instance = '0'.repeat(32)

/** As etcd compares: byte by byte. */
function isIn({ key, range_end = '' }: KeyRange, one: string): boolean {
  const [from, to, bytes] = [key, range_end, one].map((text) => Buffer.from(text, 'base64'))
  return bytes !== undefined && bytes.compare(from ?? bytes) >= 0 && bytes.compare(to ?? bytes) < 0
}

it('has the keys of PROTOCOL.md, and its range', () => {
  const protocol = readFileSync(join(projectRoot, 'PROTOCOL.md'), 'utf8')
  const rows = [...protocol.matchAll(/^\| `(<prefix>[^`]+)`/gm)].map(([, key]) => key)
  const { all, entry, removal, epoch } = keysBelow('<prefix>/')
  const left = fromBase64(removal(time, '<instance>')).replace(time.toISOString(), '<time>')
  expect(rows).toEqual([fromBase64(entry('<id>')), left, fromBase64(epoch)])
  expect(protocol).toContain(`\`${fromBase64(all.key)}\` up to \`${fromBase64(all.range_end)}\``)
})

it('watches all of them, and lists the entries alone', () => {
  const removal = keys.removal(time, instance)
  for (const key of [keys.entry('0'), keys.entry('zz'), removal, keys.epoch])
    expect(isIn(keys.all, key)).toBe(true)
  for (const id of ['0', 'Z-_.', 'zz']) expect(isIn(keys.entries, keys.entry(id))).toBe(true)
  for (const key of [removal, keys.epoch]) expect(isIn(keys.entries, key)).toBe(false)
  expect(isIn(keys.removals, removal)).toBe(true)
})

it.each(['wsyard2/', 'wsyard', 'wsyard/team/', 'a/', 'x/'])(
  'sees nothing of what lies below "%s"',
  (prefix) => {
    const other = keysBelow(prefix)
    for (const key of [other.entry('a'), other.removal(time, instance), other.epoch])
      expect(isIn(keys.all, key)).toBe(false)
  },
)

it('forgets those that have left before a time, and none that left then or later', () => {
  const range = keys.removalsBefore(time)
  expect(isIn(range, keys.removal(new Date(time.getTime() - 1), instance))).toBe(true)
  expect(isIn(range, keys.removal(time, instance))).toBe(false)
  expect(isIn(range, keys.removal(new Date(time.getTime() + 1), instance))).toBe(false)
})

it('reads its own keys, and knows no others', () => {
  const other = keysBelow('Grüße/')
  expect(other.read(other.entry('worker.a'))).toEqual({ what: 'entry', id: 'worker.a' })
  expect(keys.read(keys.removal(time, instance))).toEqual({ what: 'removal' })
  expect(keys.read(keys.epoch)).toBeUndefined()
  expect(keys.read(toBase64('wsyard/servers.later/x'))).toBeUndefined()
  expect(keys.read(other.entry('worker.a'))).toBeUndefined()
})
