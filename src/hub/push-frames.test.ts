import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../test/support/seeded-random.js'
import { closeFrame, createFrameReader, pingFrame, pongFrame, textFrame } from './push-frames.js'

const hex = (frame: Buffer): string => frame.toString('hex')

describe('the frames that the hub sends', () => {
  it.each([
    ['an empty text', textFrame(''), '8100'],
    ['a text, counted in bytes', textFrame('é'), '8102c3a9'],
    ['a ping', pingFrame, '8900'],
    ['a pong', pongFrame(Buffer.from('ab')), '8a026162'],
    ['a close', closeFrame(1013), '880203f5'],
  ])('are unmasked and whole: %s', (_what, frame, bytes) => {
    expect(hex(frame)).toBe(bytes)
  })
  it.each([
    [125, '817d'],
    [126, '817e007e'],
    [65_535, '817effff'],
    [65_536, '817f0000000000010000'],
    [3_000_000, '817f00000000002dc6c0'],
  ])('have the shortest length there is, for a text of %d bytes', (length, head) => {
    const frame = textFrame('x'.repeat(length))
    expect(hex(frame.subarray(0, head.length / 2))).toBe(head)
    expect(frame.subarray(head.length / 2).toString()).toBe('x'.repeat(length))
  })
})

/** A frame as a client sends it, unless `head` says otherwise. */
function clientFrame(first: number, payload: Buffer = Buffer.alloc(0), mask = [1, 2, 3, 4]): Buffer {
  const masked = payload.map((byte, position) => byte ^ (mask[position % 4] ?? 0))
  return Buffer.from([first, 0x80 | payload.length, ...mask, ...masked])
}
const close = (code: number, reason = ''): Buffer => {
  const payload = Buffer.from(`  ${reason}`)
  payload.writeUInt16BE(code)
  return clientFrame(0x88, payload)
}

describe('the frames that a client sends', () => {
  const read = (...chunks: Buffer[]) => chunks.flatMap(createFrameReader())
  const full = Buffer.from(Array.from({ length: 125 }, (_, position) => position))

  it.each([
    ['ping', clientFrame(0x89), ''],
    ['ping', clientFrame(0x89, Buffer.from('ab')), '6162'],
    ['ping', clientFrame(0x89, full), hex(full)],
    ['pong', clientFrame(0x8a, Buffer.from('ab')), '6162'],
    ['close', clientFrame(0x88), ''],
    ['close', close(1000), '03e8'],
    ['close', close(4999, 'bye'), '1387627965'],
  ])('are read: a %s', (type, bytes, payload) => {
    expect(
      read(bytes).map((frame) => ({ ...frame, payload: 'payload' in frame && hex(frame.payload) })),
    ).toEqual([{ type, payload }])
  })

  it.each<[string, string, number]>([
    ['an unmasked ping', '8900', 1002],
    ['an unmasked text', '810161', 1002],
    ['a text', hex(clientFrame(0x81, Buffer.from('a'))), 1003],
    ['binary data', hex(clientFrame(0x82, Buffer.from('a'))), 1003],
    ['the first part of a text', hex(clientFrame(0x01, Buffer.from('a'))), 1003],
    ['data of 2⁶³ bytes, of which nothing is waited for', '82ff', 1003],
    ['a continuation of nothing', hex(clientFrame(0x80)), 1002],
    ['a part of a ping', hex(clientFrame(0x09)), 1002],
    ['a ping of 126 bytes', '89fe', 1002],
    ['a close of 64 KiB', '88ff', 1002],
    ...[0xc9, 0xa9, 0x99, 0xc1].map((first): [string, string, number] => [
      'reserved bits',
      hex(clientFrame(first)),
      1002,
    ]),
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, string, number] => [
      `the opcode ${opcode}`,
      hex(clientFrame(0x80 | opcode)),
      1002,
    ]),
    ['a close of one byte', hex(clientFrame(0x88, Buffer.from('a'))), 1002],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map((code): [string, string, number] => [
      `the close code ${code}`,
      hex(close(code)),
      1002,
    ]),
  ])('are violations: %s', (_what, bytes, code) => {
    expect(read(Buffer.from(bytes, 'hex'))).toEqual([{ type: 'violation', code }])
  })

  it('are nothing before they are whole', () => {
    const whole = clientFrame(0x89, full)
    for (let length = 0; length < whole.length; length += 1)
      expect(read(whole.subarray(0, length))).toEqual([])
  })

  it('are not read behind a violation', () => {
    expect(read(Buffer.from('8900', 'hex'), clientFrame(0x89))).toHaveLength(1)
    expect(read(Buffer.concat([Buffer.from('8900', 'hex'), clientFrame(0x89)]))).toHaveLength(1)
  })

  it('are the same however their bytes are cut into chunks (200 seeded streams)', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = seededRandom(seed)
      const bytes = (length: number) => Buffer.from(Array.from({ length }, () => random.below(256)))
      const sent = Array.from({ length: 1 + random.below(20) }, () => ({
        type: random.pick(['ping', 'pong'] as const),
        payload: bytes(random.below(126)),
      }))
      const stream = Buffer.concat([
        ...sent.map(({ type, payload }) =>
          clientFrame(type === 'ping' ? 0x89 : 0x8a, payload, [...bytes(4)]),
        ),
        Buffer.from('8100', 'hex'),
      ])
      const reader = createFrameReader()
      const heard = []
      for (let at = 0; at < stream.length; ) {
        const length = random.below(random.pick([2, 10, 300]))
        heard.push(...reader(stream.subarray(at, at + length)))
        at += length
      }
      expect(heard, `seed ${seed}`).toEqual([...sent, { type: 'violation', code: 1002 }])
    }
  })
})
