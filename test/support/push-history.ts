/**
 * Judges what the subscribers of the push were told, by the six properties that etcd's robustness tests ask of a watch. Nobody
 * says what was right: the history is made of what all of them were told, and what each was told is held against it. Pure.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Change, PushMessage, Revision, SnapshotServer } from '../../src/core/index.js'

/** One connection of a subscriber. */
export interface Connection {
  /** The point that it asked to resume from, if it did. */
  readonly from: Revision | undefined
  /** Every message that it received, in order. */
  readonly messages: readonly PushMessage[]
}

export type Property = 'ordered' | 'unique' | 'atomic' | 'reliable' | 'resumable' | 'bookmarkable'

export interface Violation {
  readonly property: Property
  /** Which of the subscribers was told so. */
  readonly subscriber: number
  readonly what: string
}

type Report = (property: Property, what: string) => void

/** What was said of a revision, by change or by list. It should be one; `report` blames who was the first to be told so. */
interface Version<T> {
  readonly content: readonly T[]
  readonly report: Report
}

interface Told {
  readonly changes: Version<Change<SnapshotServer>>[]
  readonly lists: Version<SnapshotServer>[]
}

/** What was told of each revision of each epoch. */
type Merged = Map<string, Map<number, Told>>

/** @param subscribers the connections of each, one after the other. */
export function checkPushHistory(subscribers: readonly (readonly Connection[])[]): readonly Violation[] {
  const found: Violation[] = []
  const merged: Merged = new Map()
  for (const [subscriber, connections] of subscribers.entries())
    checkSubscriber(connections, merged, (property, what) => found.push({ property, subscriber, what }))
  for (const [epoch, revisions] of merged) checkEpoch(epoch, revisions)
  return found
}

/** Checks what shows in the messages of one subscriber alone, and merges them with those of the others. */
function checkSubscriber(connections: readonly Connection[], merged: Merged, report: Report): void {
  /** The revisions of the changes and snapshots that it was told, by epoch, in ascending order. */
  const known = new Map<string, number[]>()
  for (const { from, messages } of connections) {
    const before = (from && known.get(from.epoch)) ?? []
    // Who asks for what lies ahead of all that it was told has made that up, and the hub may never have got there.
    const isOwn = from !== undefined && from.revision <= (before.at(-1) ?? -1)
    // Who asks for what lies behind wants to be told again.
    if (isOwn)
      known.set(
        from.epoch,
        before.filter((revision) => revision <= from.revision),
      )
    let last = from
    let isFirst = true
    let parts: Extract<PushMessage, { type: 'part' }>[] = []

    for (const message of messages) {
      if (message.type === 'problem') continue
      const { type, epoch, revision } = message
      const what = `${type} ${epoch}.${revision} after ${last ? `${last.epoch}.${last.revision}` : 'nothing'}`
      if (epoch === undefined || revision === undefined) {
        if (!isFirst) report('bookmarkable', what) // the registry has been read, and there is a point
        continue
      }
      /** How far it is from the last point; no number from another epoch. */
      const step = epoch === last?.epoch ? revision - last.revision : Number.NaN
      const isAnswer = isFirst && from !== undefined
      isFirst = false
      if (isAnswer) {
        const follows =
          type === 'bookmark' ? step === 0 : type === 'change' ? step === 1 : !(step < 0 && isOwn)
        if (!follows) report('resumable', what)
      } else if (type === 'bookmark' && step !== 0) report('bookmarkable', what)

      if (message.type === 'part') {
        parts.push(message)
        continue
      }
      if (message.type === 'bookmark') continue
      last = { epoch, revision }
      const revisions = known.get(epoch) ?? []
      const latest = revisions.at(-1) ?? -1
      if (revision < latest) report('ordered', what)
      const told = toldOf(merged, last)
      if (message.type === 'change') {
        if (parts.length > 0) report('atomic', `${what}, between the parts of a snapshot`)
        if (revision <= latest && revisions.includes(revision)) report('unique', what)
        else if (!(step <= 1)) report('reliable', what)
        addVersion(told.changes, { content: message.changes, report })
      } else {
        const isOther = (part: Revision): boolean => part.epoch !== epoch || part.revision !== revision
        if (parts.some(isOther)) report('atomic', `${what}, with parts of another point`)
        const content = [...parts, message].flatMap(({ entries }) => entries)
        if (byId(content).size < content.length) report('atomic', `${what}, with an id more than once`)
        addVersion(told.lists, { content, report })
        parts = []
      }
      known.set(epoch, revisions)
      if (revision > latest) revisions.push(revision)
    }
  }
}

/** Folds the changes of one epoch as all together were told them, and holds every list against what comes of that. */
function checkEpoch(epoch: string, revisions: ReadonlyMap<number, Told>): void {
  let view: Map<string, SnapshotServer> | undefined
  let previous = Number.NaN
  for (const [revision, { changes, lists }] of [...revisions].sort(([one], [other]) => one - other)) {
    const [whole, ...others] = changes.toSorted((one, other) => other.content.length - one.content.length)
    for (const { content, report } of others) {
      const isPart = content.every((change) => whole?.content.some((one) => isDeepStrictEqual(one, change)))
      if (isPart) report('atomic', `a part of the change ${epoch}.${revision}`)
      else report('unique', `the change ${epoch}.${revision} is another than somebody was told`)
    }
    // What nobody was told of can not be folded: the next list begins anew.
    if (revision !== previous + 1 || whole === undefined) view = undefined
    for (const { type, entry } of (view && whole?.content) ?? []) {
      const present = view?.get(entry.id)
      const isThere = present !== undefined && present.instance === entry.instance
      if (type === 'added' ? present !== undefined : !isThere)
        whole?.report('reliable', `${entry.id} is ${type} in ${epoch}.${revision}`)
      if (type === 'removed') view?.delete(entry.id)
      else view?.set(entry.id, entry)
    }
    for (const { content, report } of lists) {
      const list = byId(content)
      view ??= list
      const ids = [...new Set([...view.keys(), ...list.keys()])]
      const wrong = ids.filter((id) => !isDeepStrictEqual(view?.get(id), list.get(id))).join(', ')
      if (wrong !== '') report('atomic', `the snapshot ${epoch}.${revision} is wrong about ${wrong}`)
    }
    previous = revision
  }
}

function toldOf(merged: Merged, { epoch, revision }: Revision): Told {
  const revisions = merged.get(epoch) ?? new Map<number, Told>()
  const told = revisions.get(revision) ?? { changes: [], lists: [] }
  merged.set(epoch, revisions.set(revision, told))
  return told
}

function addVersion<T>(versions: Version<T>[], version: Version<T>): void {
  if (!versions.some(({ content }) => isDeepStrictEqual(content, version.content))) versions.push(version)
}

function byId(entries: readonly SnapshotServer[]): Map<string, SnapshotServer> {
  return new Map(entries.map((entry) => [entry.id, entry]))
}
