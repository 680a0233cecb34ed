/** Hostile requests, upgrades and frames, each made by chance and made again by the same seed. */
import { handshakeHeaders } from './raw-request.js'
import type { SeededRandom } from './seeded-random.js'

const hosts = [
  'localhost',
  '127.0.0.1',
  '[::1]',
  'evil.test',
  '[::1',
  'a b',
  'localhost:99999',
  '',
  '@',
  '\u00ff\u00fe',
  'x'.repeat(5000),
  '%00',
  '0',
  '[]:1',
  'localhost:80:80',
  '::1',
  '127.0.0.1:',
  'localhost\t',
  '\\',
  'null',
]
const origins = [
  'http://localhost:1',
  'https://evil.test',
  'null',
  '',
  '//',
  'http://[',
  'http://a b',
  'x'.repeat(3000),
  'file://',
  'javascript:alert(1)',
  'http://localhost:99999',
  '\u00e9',
  'http://localhost, https://evil.test',
  'HTTP://LOCALHOST',
  'http://user@localhost',
]
const sites = ['same-origin', 'cross-site', 'none', '', 'x', '\u00ff']
const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'TRACE', 'PROPFIND']
const paths = [
  '/api/registry',
  '/api/registry?epoch=x&revision=-1',
  '/api/registry?epoch=%&revision=9e99',
  '/api/registry?',
  '/api/registry/',
  '/api/registry//',
  '/api/registry/__proto__',
  '/api/registry/constructor/x',
  '/api/registry/..',
  '/api/registry/%2e%2e',
  '/api/registry/none',
  '/api/registry/none?x',
  `/api/registry/${'a'.repeat(6000)}`,
  '/api/registry/a%00b',
  '/__wsyard/enter',
  '/__wsyard/enter?to=//evil.test',
  '/__wsyard/enter/..%2f..',
  '/__wsyard/%2e%2e/%2e%2e/package.json',
]
const tokens = [
  'Bearer x',
  'Bearer',
  'Basic eA==',
  'bearer  ',
  `Bearer ${'y'.repeat(4000)}`,
  '\u00ff',
  'Bearer a b',
]
const cookies = [
  'x'.repeat(2000),
  `wsyard=${'x'.repeat(43)}`,
  `wsyard=; wsyard_1=;;,=; wsyard`,
  Array.from({ length: 300 }, (_, index) => `wsyard=${index}`).join('; '),
  '\u00ff=\u00ff',
]
const protocols = [
  'wsyard.v1',
  'wsyard.bearer.x',
  'wsyard.v1, wsyard.bearer.x',
  ',,,',
  '',
  'x'.repeat(2000),
  'wsyard.bearer.',
  'wsyard.mux.v1',
  '\u00e9',
  'wsyard.v1, wsyard.v1',
]
const versions = ['13', '8', '0', '', '13, 8', 'x']
const keys = ['dGhlIHNhbXBsZSBub25jZQ==', '', 'short', '====', 'x'.repeat(1000)]

/** A request that an HTTP parser takes, so that the next one on the same connection is looked at too. */
export function hostileRequest({ pick, next }: SeededRandom): string {
  const lines: [string, string][] = [['Host', pick(hosts)]]
  if (next() < 0.6) lines.push(['Origin', pick(origins)])
  if (next() < 0.4) lines.push(['Sec-Fetch-Site', pick(sites)])
  if (next() < 0.4) lines.push(['Authorization', pick(tokens)])
  if (next() < 0.2) lines.push(['Origin', pick(origins)])
  if (next() < 0.2) lines.push(['Cookie', pick(cookies)])
  if (next() < 0.2) lines.push(['If-None-Match', pick(['*', '"', ',,', 'W/', 'x'.repeat(2000)])])
  return `${pick(methods)} ${pick(paths)} HTTP/1.1\r\n${format(lines)}\r\n`
}

/** An upgrade; who sends it learns by the answer that it was refused, and the connection ends. */
export function hostileUpgrade({ pick, next }: SeededRandom): string {
  const lines: [string, string][] = [['Host', next() < 0.6 ? 'localhost' : pick(hosts)]]
  if (next() < 0.3) lines.push(['Origin', pick(origins)])
  lines.push([
    'Connection',
    next() < 0.9 ? 'Upgrade' : pick(['keep-alive, Upgrade', 'upgrade, host', 'Upgrade, Origin']),
  ])
  lines.push(['Upgrade', next() < 0.8 ? 'websocket' : pick(['h2c', '', 'websocket, x', 'WEBSOCKET'])])
  if (next() < 0.9) lines.push(['Sec-WebSocket-Version', next() < 0.7 ? '13' : pick(versions)])
  if (next() < 0.9) lines.push(['Sec-WebSocket-Key', next() < 0.7 ? 'dGhlIHNhbXBsZSBub25jZQ==' : pick(keys)])
  if (next() < 0.6) lines.push(['Sec-WebSocket-Protocol', pick(protocols)])
  if (next() < 0.3)
    lines.push(['Sec-WebSocket-Extensions', pick(['permessage-deflate', ';;;', 'x'.repeat(3000)])])
  return `GET ${pick(paths)} HTTP/1.1\r\n${format(lines)}\r\n`
}

/** Bytes that are no request at all, or half of one. */
export function nonsense({ pick, below }: SeededRandom): string {
  return pick([
    '\r\n\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /api/registry HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
    'GET /api/registry HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\nContent-Length: 5\r\n\r\n',
    'GET /api/registry HTTP/1.1\r\nno colon\r\n\r\n',
    `GET /api/registry HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    'GET /api/registry HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000',
    'GET /api/registry HTTP/1.1\r\nHost: local',
    String.fromCharCode(...Array.from({ length: 200 }, () => below(256))),
  ])
}

/** A good handshake for a path. */
export function handshake(path: string, host = 'localhost'): string {
  const lines = [['Host', host], ...handshakeHeaders, ['Sec-WebSocket-Protocol', 'wsyard.v1']] as [
    string,
    string,
  ][]
  return `GET ${path} HTTP/1.1\r\n${format(lines)}\r\n`
}

/** A ping of any size that is allowed: a flood of them is an attack, and each is a good frame. */
export function pingFrame({ below }: SeededRandom): Buffer {
  const length = below(126)
  return Buffer.concat([Buffer.from([0x89, 0x80 | length, 1, 2, 3, 4]), Buffer.alloc(length, 7)])
}

/** One frame that a client should not send, or pings and closes that it may. */
export function hostileFrame({ below, next }: SeededRandom): Buffer {
  const length = next() < 0.1 ? 126 + below(2) : below(126)
  const isMasked = next() < 0.8
  const head = Buffer.from([below(256), (isMasked ? 0x80 : 0) | length])
  return Buffer.concat([head, Buffer.from(Array.from({ length: below(140) }, () => below(256)))])
}

function format(lines: readonly (readonly [string, string])[]): string {
  return lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}
