import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSeal } from './seal.js'

const newKey = (): string => randomBytes(32).toString('base64')
const token = randomBytes(32).toString('base64url')

describe('a sealed token', () => {
  const key = newKey()
  const { seal, open } = createSeal(`${key}\n`, '/key')

  it('is opened by who has the key, for the same context', () => {
    expect(createSeal(key, '/key').open(seal(token, 'at 10.0.0.5'), 'at 10.0.0.5')).toBe(token)
  })

  it('shows nothing of itself', () => {
    expect(Buffer.from(seal(token, 'context'), 'base64url').includes(token)).toBe(false)
  })

  it('is not opened for another context, which somebody may have written around it', () => {
    expect(open(seal(token, 'at 10.0.0.5'), 'at 10.0.0.6')).toBeUndefined()
  })

  it('is not opened with another key', () => {
    expect(createSeal(newKey(), '/key').open(seal(token, 'context'), 'context')).toBeUndefined()
  })

  it('is the same text for the same, and has another nonce for anything else', () => {
    expect(seal(token, 'context')).toBe(seal(token, 'context'))
    expect(seal(token, 'other').slice(0, 16)).not.toBe(seal(token, 'context').slice(0, 16))
  })

  it.each(['', 'AAAA', '!', 'A'.repeat(38), seal(token, 'context').slice(0, -1)])(
    'is not read from "%s"',
    (text) => {
      expect(open(text, 'context')).toBeUndefined()
    },
  )
})

it.each(['', 'short', randomBytes(31).toString('base64'), randomBytes(33).toString('base64')])(
  'refuses the key "%s", saying how one is made',
  (text) => {
    expect(() => createSeal(text, '/etc/key')).toThrow(/"\/etc\/key".*openssl rand -base64 32/)
  },
)
