import { describe, expect, it } from 'vitest'
import { isAllowedHost, isLoopbackHost, isLoopbackHostHeader, isLoopbackOrigin } from './loopback.js'

describe('isLoopbackHost', () => {
  it.each(['localhost', 'LOCALHOST', 'app.localhost', '127.0.0.1', '127.255.255.254', '::1'])(
    'takes %s',
    (host) => {
      expect(isLoopbackHost(host)).toBe(true)
    },
  )
  it.each([
    '',
    'localhost6',
    'localhost.evil.test',
    'notlocalhost',
    '127.0.0.1.evil.test',
    '127.1',
    '127.0.0.01',
    '127.0.0.256',
    '0.0.0.0',
    '::',
    '2130706433',
    '10.0.0.1',
    '::ffff:127.0.0.1',
  ])('refuses %s', (host) => {
    expect(isLoopbackHost(host)).toBe(false)
  })
})

describe('isLoopbackHostHeader', () => {
  it.each(['localhost', 'localhost:5173', '127.0.0.1:1', '[::1]', '[::1]:5173'])('takes %s', (header) => {
    expect(isLoopbackHostHeader(header)).toBe(true)
  })
  it.each([
    undefined,
    '',
    '[::1',
    '::1',
    'a b',
    'localhost:99999',
    'localhost:',
    'localhost:x',
    'a@localhost',
    'evil.test',
  ])('refuses %s', (header) => {
    expect(isLoopbackHostHeader(header)).toBe(false)
  })
})

describe('isAllowedHost', () => {
  it.each<[string, string[]]>([
    ['box.example', ['box.example']],
    ['BOX.example:80', ['box.EXAMPLE']],
    ['example', ['.example']],
    ['a.b.example', ['.example']],
    ['192.168.1.10:5173', ['192.168.1.10']],
    ['192.168.1.10:5173', ['0.0.0.0']],
    ['10.0.0.1', ['::']],
    ['[fe80::1]:5173', ['0.0.0.0']],
  ])('takes %s where it is told of %j', (header, hosts) => {
    expect(isAllowedHost(header, hosts)).toBe(true)
  })
  it.each<[string, string[]]>([
    ['notbox.example', ['box.example']],
    ['badexample', ['.example']],
    ['192.168.1.10', []],
    ['evil.test', ['0.0.0.0', '::']],
    ['10.0.0.1.nip.io', ['0.0.0.0']],
    ['10.0.0', ['0.0.0.0']],
    ['10.0.0.1.', ['0.0.0.0']],
    ['10.0.0.256', ['0.0.0.0']],
    ['010.0.0.1', ['0.0.0.0']],
    ['2130706433', ['0.0.0.0']],
    ['0x0a.0.0.1', ['0.0.0.0']],
    ['localhost6', ['0.0.0.0']],
  ])('refuses %s where it is told of %j', (header, hosts) => {
    expect(isAllowedHost(header, hosts)).toBe(false)
  })
})

describe('isLoopbackOrigin', () => {
  it.each(['http://localhost', 'http://localhost:5173', 'https://127.0.0.1:8443', 'http://[::1]:3000'])(
    'takes %s',
    (origin) => {
      expect(isLoopbackOrigin(origin)).toBe(true)
    },
  )
  it.each([
    '',
    'null',
    'http://',
    'http://[::1',
    'http://localhost@evil.test',
    'http://evil.test',
    'file://',
    'http://a b',
  ])('refuses %j', (origin) => {
    expect(isLoopbackOrigin(origin)).toBe(false)
  })
})
