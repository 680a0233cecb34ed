/**
 * Where things are below the prefix of a registry (`PROTOCOL.md`, "The registry in etcd"). All of it lies in one range, so that one watch
 * sees it, and every change of it with why it came.
 */
import { fromBase64, type KeyRange, toBase64 } from './client/wire.js'

export interface Keys {
  readonly prefix: string
  /** All that is watched. */
  readonly all: KeyRange
  /** The entries, by id. */
  readonly entries: KeyRange
  /** What has left, by time and run. */
  readonly removals: KeyRange
  /** A text that is another one when the store has been emptied. */
  readonly epoch: string
  entry(id: string): string
  removal(at: Date, instance: string): string
  /** Those from before a time. */
  removalsBefore(time: Date): KeyRange
  /** What a watched key, in base64, is the key of; undefined: nothing that is ours. */
  read(
    key: string,
  ): { readonly what: 'entry'; readonly id: string } | { readonly what: 'removal' } | undefined
}

export function keysBelow(prefix: string): Keys {
  const [entries, removals] = [`${prefix}servers/`, `${prefix}servers.removed/`]
  const removal = (at: Date, suffix: string): string => toBase64(`${removals}${at.toISOString()}${suffix}`)
  return {
    prefix,
    all: range(`${prefix}servers.`, `${prefix}servers0`), // "." comes before "/", and "0" after it
    entries: range(entries, `${prefix}servers0`),
    removals: range(removals, `${prefix}servers.removed0`),
    epoch: toBase64(`${prefix}servers.epoch`),
    entry: (id) => toBase64(`${entries}${id}`),
    removal: (at, instance) => removal(at, `.${instance}`),
    removalsBefore: (time) => ({ key: toBase64(removals), range_end: removal(time, '') }),
    read(key) {
      const text = fromBase64(key)
      if (text.startsWith(entries)) return { what: 'entry', id: text.slice(entries.length) }
      return text.startsWith(removals) ? { what: 'removal' } : undefined
    },
  }
}

function range(from: string, to: string): KeyRange {
  return { key: toBase64(from), range_end: toBase64(to) }
}
