import { describe, expect, it } from 'vitest'
import { refusedHandshake } from './handshake.js'

const good = {
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

describe('refusedHandshake', () => {
  it('lets a handshake of version 13 through', () => {
    expect(refusedHandshake('GET', good)).toBeUndefined()
    expect(refusedHandshake('GET', { ...good, upgrade: 'WebSocket' })).toBeUndefined()
  })
  it.each([
    ['another method', 'POST', {}, 'GET'],
    ['no method', undefined, {}, 'GET'],
    ['another protocol', 'GET', { upgrade: 'h2c' }, 'Upgrade'],
    ['several protocols', 'GET', { upgrade: 'websocket, h2c' }, 'Upgrade'],
    ['no protocol', 'GET', { upgrade: undefined }, 'Upgrade'],
    ['an old version', 'GET', { 'sec-websocket-version': '8' }, 'Version'],
    ['no version', 'GET', { 'sec-websocket-version': undefined }, 'Version'],
    ['no key', 'GET', { 'sec-websocket-key': undefined }, 'Key'],
    ['a key of 15 bytes', 'GET', { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25j' }, 'Key'],
    ['a key of 17 bytes', 'GET', { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQo=' }, 'Key'],
    ['two keys', 'GET', { 'sec-websocket-key': `${good['sec-websocket-key']}, x` }, 'Key'],
  ])('refuses %s, and says what is wrong', (_what, method, headers, word) => {
    expect(refusedHandshake(method, { ...good, ...headers })).toEqual({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(word),
    })
  })
})
