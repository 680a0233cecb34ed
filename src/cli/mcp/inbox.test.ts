import { describe, expect, it } from 'vitest'
import { createInbox, type Inbox } from './inbox.js'

const text = (content: string) => ({ bytes: Buffer.from(content), isBinary: false })

function taken(inbox: Inbox, messages = 100, bytes = 100): string[] {
  return inbox
    .take({ messages, bytes })
    .map(({ bytes, isUnfinished }) => `${Buffer.from(bytes)}${isUnfinished ? '…' : ''}`)
}

describe('an inbox', () => {
  it('gives what has come in order, each once', () => {
    const inbox = createInbox(1000)
    for (const content of ['one', '', 'three']) inbox.add(text(content))
    expect(inbox.size).toBe(3)
    expect(taken(inbox, 2)).toEqual(['one', ''])
    expect(taken(inbox)).toEqual(['three'])
    expect(taken(inbox)).toEqual([])
  })

  it('gives no more bytes than it is asked for, and leaves what has no room for the next time', () => {
    const inbox = createInbox(1000)
    for (const content of ['aaaa', 'bbbb', 'cc']) inbox.add(text(content))
    expect(taken(inbox, 9, 7)).toEqual(['aaaa'])
    expect(taken(inbox, 9, 6)).toEqual(['bbbb', 'cc'])
  })

  it('gives a message that is larger than a read in parts, and cuts no character', () => {
    const inbox = createInbox(1000)
    inbox.add(text('ab€🚢z'))
    inbox.add(text('next'))
    expect([taken(inbox, 9, 4), taken(inbox, 9, 4), taken(inbox, 9, 4), taken(inbox, 9, 5)]).toEqual([
      ['ab…'],
      ['€…'],
      ['🚢…'],
      ['z', 'next'],
    ])
    inbox.add({ bytes: Uint8Array.of(0x80, 0x81, 0x82), isBinary: true })
    expect(inbox.take({ messages: 9, bytes: 2 })).toEqual([
      { bytes: Uint8Array.of(0x80, 0x81), isBinary: true, isUnfinished: true },
    ])
  })

  it('drops the oldest when it holds too much, and says how many', () => {
    const inbox = createInbox(1000)
    for (const letter of 'abcd') inbox.add(text(letter.repeat(300)))
    expect([inbox.takeDropped(), inbox.takeDropped()]).toEqual([1, 0])
    expect(taken(inbox, 9, 1000)).toEqual(['b', 'c', 'd'].map((letter) => letter.repeat(300)))
  })

  it('drops what is larger than all of it, and nothing else for that', () => {
    const inbox = createInbox(1000)
    inbox.add(text('small'))
    inbox.add(text('x'.repeat(1001)))
    expect([inbox.takeDropped(), taken(inbox)]).toEqual([1, ['small']])
  })

  it('holds no end of empty messages', () => {
    const inbox = createInbox(1000)
    for (let count = 0; count < 1000; count += 1) inbox.add(text(''))
    expect(inbox.size).toBeLessThan(20)
    expect(inbox.takeDropped() + inbox.size).toBe(1000)
  })

  it('has room again for as much as was taken', () => {
    const inbox = createInbox(1000)
    for (let count = 0; count < 50; count += 1) {
      inbox.add(text('x'.repeat(900)))
      expect(taken(inbox, 9, 500)).toEqual([`${'x'.repeat(500)}…`])
      expect(taken(inbox, 9, 500)).toEqual(['x'.repeat(400)])
    }
    expect(inbox.takeDropped()).toBe(0)
  })

  it('takes in tiny messages faster than a server sends them, however many wait', () => {
    const inbox = createInbox(1024 * 1024) // as large as that of a connection, which holds 16,384 of them
    const start = performance.now()
    for (let count = 0; count < 200_000; count += 1) inbox.add(text(String(count)))
    expect(performance.now() - start).toBeLessThan(2000) // some 50 ms; 20 s where each moves all others
    expect([inbox.size, inbox.takeDropped()]).toEqual([16_384, 200_000 - 16_384])
    expect(taken(inbox, 2)).toEqual(['183616', '183617'])
  })
})
