import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Client, connect, entry, handshake, large, setUp } from '../../test/support/push-stage.js'

const pong = Buffer.from('8a8001020304', 'hex')
const ping = Buffer.from('898001020304', 'hex')
const ended = Buffer.from('888000000000', 'hex')

describe('a subscriber', () => {
  it('is answered as RFC 6455 has it, and sent the list and then each change', () => {
    const { source, push } = setUp()
    source.begin('e', 7)
    const client = connect(push)
    source.add(entry('a', { machine: 'm', processStart: 'p' }))
    expect(client.chunks[0]?.toString()).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: wsyard.v1\r\n\r\n',
    )
    expect(client.heard).toEqual([
      { type: 'snapshot', epoch: 'e', revision: 7, entries: [] },
      { type: 'change', epoch: 'e', revision: 8, changes: [{ type: 'added', entry: entry('a') }] },
    ])
  })

  it('is sent the very bytes that the others are sent', () => {
    const { source, push } = setUp()
    source.begin('e', 1)
    const clients = [connect(push), connect(push), connect(push)]
    source.add(entry('a'))
    const [[, snapshot, change]] = [clients[0]?.chunks ?? []]
    for (const { chunks } of clients) {
      expect(chunks[1]).toBe(snapshot)
      expect(chunks[2]).toBe(change)
    }
    expect(connect(push, 'epoch=e&revision=1').chunks[1]).toBe(change)
  })

  it('is sent the problem there is while there is no list, and the list when there is', () => {
    const { source, push } = setUp()
    const early = connect(push)
    source.problem(new Error('no'))
    const late = connect(push, 'epoch=e&revision=1')
    source.begin('e', 1)
    source.problem(undefined)
    for (const { told } of [early, late]) {
      expect(told.map((one) => one.split(' ')[0])).toEqual(['problem', told[1]?.split(' ')[0], 'problem'])
      expect(told[0]).toContain('no')
      expect(told[2]).toBe('problem over')
    }
    expect(early.told[1]).toBe('snapshot 1')
  })

  it('is sent a problem behind the list that stands, and told when it is over', () => {
    const { source, push } = setUp()
    source.begin('e', 1)
    const client = connect(push)
    source.problem(new Error('first'))
    source.problem(new Error('second'))
    source.problem(undefined)
    source.add(entry('a'))
    expect(client.told).toEqual([
      'snapshot 1',
      expect.stringContaining('first'),
      expect.stringContaining('second'),
      'problem over',
      'change 2',
    ])
  })

  it('that has sent its first frames with the handshake is heard', async () => {
    const { source, push } = setUp()
    source.begin('e', 1)
    expect(connect(push, '', { head: ping }).heard[0]).toBe('pong')
    expect(connect(push, '', { head: Buffer.from('8900', 'hex') }).heard).toEqual([1002])
  })

  it('is closed with 1001 when the hub closes, and nobody is let in afterwards', () => {
    const { source, push, beats } = setUp()
    source.begin('e', 1)
    const client = connect(push)
    push.close()
    source.add(entry('a'))
    expect(client.told).toEqual(['snapshot 1', '1001'])
    expect(client.writableEnded).toBe(true)
    expect(beats.size).toBe(0)
    expect(connect(push).chunks.toString()).toContain('HUB_CLOSING')
  })

  it('is turned away when there are too many, until one goes', async () => {
    const { push } = setUp(2)
    const [first] = [connect(push), connect(push)]
    expect(connect(push).chunks.toString()).toMatch(/^HTTP\/1.1 503 .*HUB_FULL.*maxSubscribers/s)
    first.destroy()
    await setImmediate()
    const second = connect(push)
    expect(second.chunks.toString()).toContain('101')
    expect(connect(push).chunks.toString()).toContain('HUB_FULL')
    second.push(null) // it ends without a close
    await once(second, 'close')
    const third = connect(push)
    expect(third.chunks.toString()).toContain('101')
    third.push(ended)
    expect(connect(push).chunks.toString()).toContain('HUB_FULL')
    await once(third, 'close') // it does not hang up, but is cut off
    expect(connect(push).chunks.toString()).toContain('101')
  })

  it('that is gone before it is answered takes no place', () => {
    const { push } = setUp(1)
    connect(push, '', { isGone: true })
    expect(connect(push).chunks.toString()).toContain('101')
  })

  it.each([
    ['no subprotocol', { ...handshake, 'sec-websocket-protocol': undefined }],
    ['another subprotocol', { ...handshake, 'sec-websocket-protocol': 'graphql-ws' }],
    ['a token alone', { ...handshake, 'sec-websocket-protocol': 'wsyard.bearer.x' }],
    ['another version', { ...handshake, 'sec-websocket-version': '8' }],
  ])('is turned away with %s', (_what, wrong) => {
    const { push } = setUp()
    const answer = connect(push, '', { headers: wrong }).chunks.toString()
    expect(answer).toMatch(/^HTTP\/1.1 400 .*sec-websocket-version: 13.*BAD_REQUEST/s)
  })

  it('that offers a token beside wsyard.v1 is answered with wsyard.v1', () => {
    const { push } = setUp()
    const offered = { ...handshake, 'sec-websocket-protocol': 'wsyard.bearer.x, wsyard.v1' }
    expect(connect(push, '', { headers: offered }).chunks.toString()).toContain('Protocol: wsyard.v1\r\n\r\n')
  })
})

describe('a subscriber that resumes', () => {
  it.each<[string, string, string[]]>([
    ['from the first that is known', 'epoch=e&revision=5', ['change 6', 'change 7']],
    ['from one in between', 'revision=6&epoch=e', ['change 7']],
    ['from the last, with a bookmark', 'epoch=e&revision=7', ['bookmark 7']],
    ['from before what is known', 'epoch=e&revision=4', ['snapshot 7']],
    ['from the future', 'epoch=e&revision=8', ['snapshot 7']],
    ['from another epoch', 'epoch=f&revision=6', ['snapshot 7']],
    ['without an epoch', 'revision=6', ['snapshot 7']],
    ['without a revision', 'epoch=e', ['snapshot 7']],
    ...['-1', '6.0', '6e0', ' 6', '0x6', '', 'x', '9'.repeat(400), '%00', '%'].map(
      (garbage): [string, string, string[]] => [
        'from garbage',
        `epoch=e&revision=${garbage}`,
        ['snapshot 7'],
      ],
    ),
  ])('is sent what it has missed, or the list: %s', (_what, query, expected) => {
    const { source, push } = setUp()
    source.begin('e', 5)
    source.add(entry('a'))
    source.add(entry('b'))
    expect(connect(push, query).told).toEqual(expected)
  })

  it('is sent each change once, when more happen while it is on its way', () => {
    const { source, push } = setUp()
    source.begin('e', 0)
    const clients: { client: Client; from: number }[] = []
    for (let revision = 1; revision <= 50; revision += 1) {
      clients.push({
        client: connect(push, `epoch=e&revision=${Math.max(0, revision - 5)}`),
        from: revision - 5,
      })
      source.add(entry(`s${revision}`))
    }
    for (const { client, from } of clients) {
      const first = Math.max(0, from) + 1
      const expected = Array.from({ length: 51 - first }, (_, index) => `change ${first + index}`)
      expect(client.told.filter((one) => !one.startsWith('bookmark'))).toEqual(expected)
    }
  })

  it('is sent the list when the registry has begun anew since', () => {
    const { source, push } = setUp()
    source.begin('e', 5)
    const current = connect(push)
    for (const id of ['a', 'b', 'c']) source.add(entry(id))
    source.begin('f', 3)
    expect(connect(push, 'epoch=e&revision=7').told).toEqual(['snapshot 3'])
    expect(connect(push, 'epoch=f&revision=2').told).toEqual(['snapshot 3'])
    expect(connect(push, 'epoch=f&revision=3').told).toEqual(['bookmark 3'])
    expect(current.told.slice(-2)).toEqual(['change 8', 'snapshot 3'])
  })

  it('is sent the list when it has missed more than 4,096 changes', () => {
    const { source, push } = setUp()
    source.begin('e', 0)
    for (let revision = 1; revision <= 1025; revision += 1) {
      source.add(...['a', 'b', 'c', 'd'].map((name) => entry(`${name}${revision}`)))
    }
    expect(connect(push, 'epoch=e&revision=0').told).toEqual(['snapshot 1025'])
    expect(connect(push, 'epoch=e&revision=1').told).toHaveLength(1024)
  })

  it('is told of a removal at the edge of what is kept, and just beyond it has a list without the server', () => {
    const { source, push } = setUp()
    source.begin('e', 0)
    source.add(entry('leaves')) // 1
    source.remove('leaves') // 2
    for (let revision = 3; revision <= 4097; revision += 1) source.add(entry(`s${revision}`))
    expect(connect(push, 'epoch=e&revision=1').heard[0]).toMatchObject({
      type: 'change',
      revision: 2,
      changes: [{ type: 'removed', entry: { id: 'leaves' }, reason: 'exited' }],
    })
    source.add(entry('last'))
    const late = connect(push, 'epoch=e&revision=1').heard as { type: string; entries: { id: string }[] }[]
    expect(late.map(({ type }) => type)).not.toContain('change')
    const ids = late.flatMap(({ entries }) => entries.map(({ id }) => id))
    expect(ids).toHaveLength(4096)
    expect(ids).not.toContain('leaves')
    expect(connect(push, 'epoch=e&revision=2').told[0]).toBe('change 3')
  })

  it('in the middle of a list is sent what it has missed since its last point, or the whole list', async () => {
    const { source, push } = setUp()
    source.begin('e', 0)
    source.add(large('a'), large('b'))
    source.add(entry('c'))
    const torn = connect(push, '', { isTaking: false })
    torn.accept(false)
    torn.accept(false)
    expect(torn.told).toEqual(['part 2'])
    torn.destroy()
    await setImmediate()
    source.remove('a')
    expect(connect(push, 'epoch=e&revision=1').told).toEqual(['change 2', 'change 3'])
    expect(connect(push).heard.at(-1)).toMatchObject({ type: 'snapshot', revision: 3 })
    expect(JSON.stringify(connect(push).heard)).not.toContain('"id":"a"')
  })

  it('is sent the list when it has missed more than 1 MiB', () => {
    const { source, push } = setUp()
    source.begin('e', 0)
    source.add(large('a'))
    source.add(large('b'))
    expect(connect(push, 'epoch=e&revision=0').told.at(-1)).toBe('snapshot 2')
    expect(connect(push, 'epoch=e&revision=1').told).toEqual(['change 2'])
    source.add(large('c'), large('d'))
    expect(connect(push, 'epoch=e&revision=2').told.at(-1)).toBe('snapshot 3')
    expect(connect(push, 'epoch=e&revision=3').told).toEqual(['bookmark 3'])
  })
})

describe('a large list', () => {
  it('comes in parts of some 256 KiB, the last of which is the snapshot', () => {
    const { source, push } = setUp()
    const meta = { text: '€'.repeat(1300) } // 3.9 KB
    const all = Array.from({ length: 1000 }, (_, index) => entry(`s${index}`, { meta }))
    source.begin('e', 4)
    source.add(...all)
    const client = connect(push)
    const messages = client.heard as { type: string; revision: number; entries: { id: string }[] }[]
    expect(messages.length).toBeGreaterThan(10)
    expect(messages.map(({ type }) => type)).toEqual([
      ...new Array(messages.length - 1).fill('part'),
      'snapshot',
    ])
    for (const message of messages) {
      expect(message).toMatchObject({ epoch: 'e', revision: 5 })
      expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(257 * 1024)
    }
    expect(messages.flatMap(({ entries }) => entries)).toEqual(all)
    source.add(entry('late'))
    expect(client.told.at(-1)).toBe('change 6')
  })

  it('is sent whole to one that is slower than it changes, and then what it missed meanwhile', () => {
    const { source, push } = setUp()
    source.begin('e', 0)
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) source.add(large(id))
    const slow = connect(push, '', { isTaking: false })
    source.add(entry('g'))
    slow.accept(false)
    source.add(entry('h'))
    slow.accept(true)
    expect(slow.told).toEqual([...new Array(5).fill('part 6'), 'snapshot 6', 'change 7', 'change 8'])
  })
})

describe('a subscriber that takes nothing', () => {
  /** It has the list, and three large changes wait for it; a fourth was not sent to it any more. */
  const lag = () => {
    const all = setUp()
    all.source.begin('e', 0)
    const [slow, other] = [connect(all.push), connect(all.push)]
    slow.isTaking = false
    for (const id of ['a', 'b', 'c', 'd']) all.source.add(large(id))
    return { ...all, slow, other }
  }

  it('is sent nothing more while over 1 MiB waits, and then the list as it is by then (row 15)', () => {
    const { source, slow, other } = lag()
    source.problem(new Error('no'))
    const waiting = slow.writableLength
    expect(waiting).toBeLessThan(3 * 2 ** 20)
    for (let index = 0; index < 100; index += 1) source.add(entry(`s${index}`))
    expect(slow.writableLength).toBe(waiting)
    expect(other.told.at(-1)).toBe('change 104')
    slow.accept(true)
    source.add(entry('last'))
    expect(slow.told.slice(0, 3)).toEqual(['snapshot 0', 'change 1', 'change 2'])
    const parts = new Array(4).fill('part 104')
    expect(slow.told.slice(3)).toEqual([
      ...parts,
      'snapshot 104',
      expect.stringContaining('no'),
      'change 105',
    ])
  })

  it('is sent all that it has missed when it takes what waits, if the hub still knows that (row 15)', () => {
    const { source, push } = setUp()
    source.begin('e', 0)
    const slow = connect(push)
    slow.isTaking = false
    source.add(large('a'))
    source.add(large('b'))
    for (let index = 0; index < 100; index += 1) source.add(entry(`s${index}`))
    expect(slow.writableLength).toBeLessThan(3 * 2 ** 20)
    slow.accept(true)
    expect(slow.told).toEqual([
      'snapshot 0',
      ...Array.from({ length: 102 }, (_, index) => `change ${index + 1}`),
    ])
  })

  it('is closed with 1013 when it has taken nothing for thirty seconds (row 15)', async () => {
    const { slow, other, beat } = lag()
    for (let beats = 0; beats < 3; beats += 1) {
      await beat()
      other.push(pong)
      await setImmediate()
    }
    expect(slow.writableEnded).toBe(false)
    await beat()
    expect(slow.writableEnded).toBe(true)
    slow.accept(true)
    expect(slow.told.at(-1)).toBe('1013')
    expect(other.destroyed).toBe(false)
  })

  it('is not closed as long as it takes some of it, answered pings or not', async () => {
    const { slow, beat } = lag()
    await beat()
    await beat()
    await beat()
    slow.accept(false)
    await beat()
    await beat()
    await beat()
    expect(slow.writableEnded).toBe(false)
    slow.accept(true)
    await beat()
    expect(slow.destroyed).toBe(false)
  })

  it('is not cut off for a ping that it took late', async () => {
    const { source, push, beat } = setUp()
    source.begin('e', 0)
    const slow = connect(push)
    await beat()
    slow.isTaking = false
    for (const id of ['a', 'b', 'c', 'd']) source.add(large(id))
    await beat()
    slow.accept(true)
    await beat()
    expect(slow.destroyed).toBe(false)
    await beat()
    expect(slow.destroyed).toBe(true)
  })

  it('is told what it missed also if it had resumed before', () => {
    const { source, push } = setUp()
    source.begin('e', 0)
    const slow = connect(push, 'epoch=e&revision=0')
    slow.isTaking = false
    for (const id of ['a', 'b', 'c']) source.add(large(id))
    source.add(entry('d'))
    slow.accept(true)
    expect(slow.told).toEqual(['bookmark 0', 'change 1', 'change 2', 'change 3', 'change 4'])
  })

  it('is told what it missed since the list, whatever revision to come it had named', () => {
    const { source, push } = setUp()
    source.begin('e', 0)
    for (const id of ['a', 'b', 'c']) source.add(large(id))
    const slow = connect(push, 'epoch=e&revision=4', { isTaking: false })
    source.add(entry('d'))
    source.add(entry('e'))
    slow.accept(true)
    expect(slow.told).toEqual(['part 3', 'part 3', 'snapshot 3', 'change 4', 'change 5'])
  })

  it('is not answered its pings without end', async () => {
    const { push, source } = setUp()
    source.begin('e', 0)
    const client = connect(push)
    client.isTaking = false
    const many = Buffer.concat(
      Array.from({ length: 10_000 }, () =>
        Buffer.concat([Buffer.from('89fd00000000', 'hex'), Buffer.alloc(125)]),
      ),
    )
    for (let round = 0; round < 10; round += 1) {
      client.push(many)
      await setImmediate()
    }
    expect(client.writableLength).toBeLessThan(2 ** 20 + 200)
  })
})

describe('a beat', () => {
  it('is sent to those who have been sent nothing since the last, and a ping to all', async () => {
    const { source, push, beat } = setUp()
    source.begin('e', 0)
    const client = connect(push)
    await beat()
    client.push(pong)
    await setImmediate()
    await beat()
    client.push(pong)
    await setImmediate()
    source.add(entry('a'))
    await beat()
    expect(client.told).toEqual(['snapshot 0', 'ping', 'ping', 'bookmark 0', 'change 1', 'ping'])
  })

  it('cuts off who has answered nothing since the last (row 16)', async () => {
    const { source, push, beat } = setUp()
    source.begin('e', 0)
    const [gone, here, half] = [connect(push), connect(push), connect(push)]
    half.push(pong.subarray(0, 3))
    await setImmediate()
    await beat()
    here.push(pong)
    await setImmediate()
    expect([gone, here, half].map(({ destroyed }) => destroyed)).toEqual([false, false, false])
    await beat()
    expect([gone, here, half].map(({ destroyed }) => destroyed)).toEqual([true, false, true])
    source.add(entry('a'))
    expect(here.told.at(-1)).toBe('change 1')
  })
})
