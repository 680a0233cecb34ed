/**
 * The lines that `wsyard watch` prints for people: one for each server that is there, and one for each that comes, changes or goes.
 */
import { styleText } from 'node:util'
import {
  applyEvent,
  type Change,
  type RemovalReason,
  type SnapshotServer,
  type WatchEvent,
} from '../../core/index.js'
import { harmlessLine } from '../text/format-message.js'

type AnyChange = Change<SnapshotServer, RemovalReason | undefined>

const signs = {
  added: styleText('green', '+'),
  updated: styleText('yellow', '~'),
  removed: styleText('red', '-'),
}

/** Returns a function that folds event after event, and returns the lines that each is worth. */
export function createWatchFormatter(): (event: WatchEvent<SnapshotServer>, now: Date) => string {
  const view = new Map<string, SnapshotServer>()
  let isFirst = true
  /** As wide as the widest name so far, so that lines stand below each other. */
  let width = 0

  const labelOf = ({ id, name = id }: SnapshotServer): string => {
    width = Math.max(width, name.length)
    return name.padEnd(width)
  }

  return (event, now) => {
    const before = new Map(view)
    const time = styleText('dim', now.toTimeString().slice(0, 8))
    let lines = ''
    applyEvent(view, event, (change) => {
      const sign = isFirst ? '=' : signs[change.type]
      const words = [labelOf(change.entry), ...wordsFor(change, before.get(change.entry.id))]
      lines += `${time}  ${sign}  ${harmlessLine(words.join('  '))}\n`
    })
    isFirst = false
    return lines
  }
}

function wordsFor(change: AnyChange, before: SnapshotServer | undefined): string[] {
  const { type, entry } = change
  if (type === 'removed') return [change.reason ?? 'gone']
  if (type === 'updated' && before !== undefined) {
    const fields = fieldsThatDiffer(before, entry)
    return fields.map((field) => (field === 'state' ? entry.state : `${field} changed`))
  }
  const { id, name, port, pid, state } = entry
  return [
    `port ${port}`,
    `pid ${pid}`,
    ...(state === 'up' ? [] : [state]),
    ...(name === undefined ? [] : [id]),
  ]
}

function fieldsThatDiffer(before: SnapshotServer, after: SnapshotServer): string[] {
  const fields = new Map(Object.entries(before))
  const differ = Object.entries(after).filter(([field, value]) => {
    const isOther = JSON.stringify(fields.get(field)) !== JSON.stringify(value)
    fields.delete(field)
    return isOther
  })
  return [...differ.map(([field]) => field), ...fields.keys()]
}
