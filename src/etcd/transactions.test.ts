import { expect, it } from 'vitest'
import type { ManagedEntry } from '../core/index.js'
import { fromBase64, type Operation } from './client/wire.js'
import { createEntryFormat } from './entry-format.js'
import { keysBelow } from './keys.js'
import { placing, removing, removingHolder, replacing } from './transactions.js'

const keys = keysBelow('wsyard/')
const format = createEntryFormat({
  source: 'etcd://host/wsyard',
  prefix: 'wsyard/',
  seal: undefined,
  onWarning() {},
})
const layout = { keys, format }
const entry: ManagedEntry = {
  id: 'a',
  port: 1,
  pid: 2,
  startedAt: '2026-11-26T09:00:00.000Z',
  instance: '0'.repeat(32),
  state: 'up',
}
const holder = { entry: { ...entry, instance: '1'.repeat(32) }, modRevision: '7', lease: undefined }

/** What is written of those that have left: the run, and why. */
function remembered(operations: readonly Operation[]): unknown[] {
  const puts = operations.flatMap((one) => ('request_put' in one ? one.request_put : []))
  return puts
    .filter(({ key }) => keys.read(key)?.what === 'removal')
    .map(({ value }) => {
      const { instance, reason } = JSON.parse(fromBase64(value))
      return { instance, reason }
    })
}

it('a run that takes the place of another says so in the same step, if that is still there', () => {
  const { compare, success } = replacing(layout, entry, '5', holder)
  expect(compare).toEqual([
    { key: keys.entry('a'), target: 'MOD', result: 'EQUAL', mod_revision: holder.modRevision },
  ])
  expect(remembered(success)).toEqual([{ instance: holder.entry.instance, reason: 'replaced' }])
})

it('a run that puts itself back has not left', () => {
  const itself = { entry, modRevision: '7', lease: '4' }
  expect(remembered(replacing(layout, entry, '5', itself).success)).toEqual([])
})

it('what is no entry is replaced and removed without a word about it', () => {
  const nothing = { entry: undefined, modRevision: '7', lease: undefined }
  expect(remembered(replacing(layout, entry, '5', nothing).success)).toEqual([])
  expect(remembered(removingHolder(keys, 'a', nothing, 'deregistered').success)).toEqual([])
})

it('a run removes its own entry alone, and says why', () => {
  const { compare, success } = removing(layout, entry)
  expect(compare).toMatchObject([{ key: keys.entry('a'), target: 'VALUE' }])
  expect(remembered(success)).toEqual([{ instance: entry.instance, reason: 'deregistered' }])
})

it('what is remembered now is not among what is forgotten, which etcd would refuse', () => {
  for (const { success } of [removing(layout, entry), removingHolder(keys, 'a', holder, 'exited')]) {
    const put = success.flatMap((one) => ('request_put' in one ? one.request_put.key : []))
    const forgotten = success.flatMap((one) =>
      'request_delete_range' in one ? (one.request_delete_range.range_end ?? []) : [],
    )
    expect(forgotten).toHaveLength(1)
    for (const key of put) expect(fromBase64(key) > fromBase64(forgotten[0])).toBe(true)
  }
})

it('an entry of more than 8192 bytes is refused, in characters of several bytes too', () => {
  const withMeta = (text: string): ManagedEntry => ({ ...entry, meta: { text } })
  expect(() => placing(layout, withMeta('x'.repeat(8000)), '5')).not.toThrow()
  for (const text of ['x'.repeat(8192), 'ü'.repeat(4096)])
    for (const place of [
      () => placing(layout, withMeta(text), '5'),
      () => replacing(layout, withMeta(text), '5', holder),
    ])
      expect(place).toThrow(
        expect.objectContaining({
          code: 'WSYARD_ERR_ENTRY_INVALID',
          message: expect.stringContaining('8192'),
        }),
      )
})
