/** Where ours is not as the browser's own, and has to be so. One that is no longer there fails its test, and is to be taken out. */
import type { SubjectName } from './subjects.js'

export interface Difference {
  /** Of the case. */
  readonly title: string
  readonly subject: SubjectName
  /** What is observed in place of what the case expects. */
  readonly expected: unknown
  readonly reason: string
}

/** The same on either way to the server. */
function ours(title: string, expected: unknown, reason: string): Difference[] {
  return (['direct', 'relay'] as const).map((subject) => ({ title, subject, expected, reason }))
}

const members = ['CLOSED', 'CLOSING', 'CONNECTING', 'OPEN', 'binaryType', 'bufferedAmount', 'close']
const moreMembers = ['onclose', 'onerror', 'onmessage', 'onopen', 'protocol', 'readyState', 'send', 'url']
const allMembers = [...members, 'extensions', ...moreMembers]
const ownMembers = ['connection', 'reason', 'server']
const ownReason = 'It also says which server it is connected to, how that stands, and why.'

export const differences: readonly Difference[] = [
  ...ours(
    'events are trusted, as those of the browser itself',
    Array(5).fill(false),
    'Only the browser can dispatch events that are trusted.',
  ),
  ...ours(
    'a port that browsers block fails the connection',
    ['open 1'],
    'The port is that of the server with the name, whatever port the URL has.',
  ),
  {
    title: 'a message event has data, and the origin of the server',
    subject: 'relay',
    expected: { data: 'text', origin: 'ws://page' },
    reason: 'The message came from the hub, whose origin is all that the browser vouches for.',
  },
  ...ours(
    'the prototype has the members of the interface and nothing more',
    [...allMembers, ...ownMembers, 'constructor', 'Symbol(Symbol.toStringTag)'].sort(),
    ownReason,
  ),
  ...ours(
    'for…in goes through all members, those of EventTarget too',
    [...allMembers, ...ownMembers, 'addEventListener', 'dispatchEvent', 'removeEventListener', 'when'].sort(),
    ownReason,
  ),
  ...ours(
    'an object is an EventTarget and an instance of its class, which is its constructor',
    [true, true, false],
    'The classes for all names are one underneath, and that one, which has the same constants, is the constructor.',
  ),
]
