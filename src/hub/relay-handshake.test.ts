import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Token } from '../core/index.js'
import { answerForClient, headersForServer, isAnswerTo, offersTokenAlone } from './relay-handshake.js'

type Pairs = readonly (readonly [string, string])[]

/** What Node makes of headers, as far as it matters here. */
function message(pairs: Pairs, statusCode?: number): IncomingMessage {
  const headers = Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]))
  return { headers, rawHeaders: pairs.flat(), statusCode } as unknown as IncomingMessage
}

const [secret, hubSecret] = ['s'.repeat(43), 'h'.repeat(43)]

/** The headers for the server, as `Name: value`. */
function sent(pairs: Pairs, token?: string): string[] {
  const list = headersForServer(
    message(pairs),
    '127.0.0.1:9',
    token === undefined ? undefined : new Token(token),
    new Token(hubSecret),
  )
  return list.flatMap((name, position) => (position % 2 === 0 ? `${name}: ${list[position + 1]}` : []))
}

const base = ['Host: 127.0.0.1:9', 'Connection: Upgrade', 'x-wsyard-relayed: 1']
const bearer = `wsyard.bearer.${hubSecret}`

describe('the headers for the server', () => {
  it.each<[string, Pairs, string[]]>([
    [
      'go through in their order and case',
      [
        ['X-b', '1'],
        ['x-A', '2'],
        ['X-b', '3'],
      ],
      ['X-b: 1', 'x-A: 2', 'X-b: 3'],
    ],
    [
      'keep key and extensions',
      [
        ['Sec-WebSocket-Key', 'k'],
        ['Sec-WebSocket-Extensions', 'permessage-deflate'],
      ],
      ['Sec-WebSocket-Key: k', 'Sec-WebSocket-Extensions: permessage-deflate'],
    ],
    [
      'have no cookie',
      [
        ['Cookie', 'a=1'],
        ['cookie', 'b=2'],
      ],
      [],
    ],
    [
      'have none for proxies',
      [
        ['Proxy-Authorization', 'x'],
        ['proxy-connection', 'x'],
      ],
      [],
    ],
    [
      'have none that Connection names',
      [
        ['Connection', 'Upgrade, X-Hop'],
        ['X-Hop', '1'],
        ['Upgrade', 'websocket'],
      ],
      ['Upgrade: websocket'],
    ],
    [
      'have no length of a body',
      [
        ['Content-Length', '5'],
        ['Transfer-Encoding', 'chunked'],
        ['Expect', '100-continue'],
      ],
      [],
    ],
    [
      'have the own Authorization of the client',
      [['Authorization', 'Basic abc']],
      ['Authorization: Basic abc'],
    ],
    [
      'have no token of the hub',
      [
        ['Authorization', `Bearer ${hubSecret}`],
        ['X-Token', hubSecret],
      ],
      [],
    ],
    [
      'have no token among the subprotocols',
      [['Sec-WebSocket-Protocol', `${bearer}, wsyard.v1, chat`]],
      ['Sec-WebSocket-Protocol: chat'],
    ],
    [
      'have no subprotocols when only those of a token are offered',
      [['Sec-WebSocket-Protocol', `wsyard.v1, ${bearer}`]],
      [],
    ],
    [
      'have a wsyard.v1 that stands for itself',
      [['Sec-WebSocket-Protocol', 'wsyard.v1, chat']],
      ['Sec-WebSocket-Protocol: wsyard.v1, chat'],
    ],
    [
      'say nothing of the page that asks',
      [
        ['Origin', 'http://localhost:5173'],
        ['Sec-Fetch-Site', 'cross-site'],
        ['sec-fetch-mode', 'websocket'],
        ['User-Agent', 'a browser'],
      ],
      ['User-Agent: a browser'],
    ],
  ])('%s', (_what, pairs, expected) => {
    expect(sent(pairs)).toEqual([...base, ...expected])
  })

  it("have the server's token in the place of whatever was there", () => {
    expect(
      sent(
        [
          ['Authorization', 'Basic abc'],
          ['AUTHORIZATION', 'x'],
        ],
        secret,
      ),
    ).toEqual([...base, `Authorization: Bearer ${secret}`])
  })
})

describe('the answer for the client', () => {
  const answer: Pairs = [
    ['Upgrade', 'websocket'],
    ['Set-Cookie', 'a=1'],
    ['X-Server', 'x'],
  ]

  it('is that of the server without its cookies', () => {
    const text = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-Server: x\r\n\r\n'
    expect(answerForClient(message([]), message(answer))).toBe(text)
  })

  it.each<[string, string | undefined, string | undefined, string[]]>([
    ['what the server chose', `${bearer}, wsyard.v1, chat`, 'chat', ['chat']],
    ['wsyard.v1 beside a token', `${bearer}, wsyard.v1`, undefined, ['wsyard.v1']],
    ['nothing that was not offered', `${bearer}, chat`, undefined, []],
    ['nothing without a token', 'wsyard.v1', undefined, []],
    ['nothing to who offered nothing', undefined, undefined, []],
  ])('chooses %s', (_what, offered, chosen, expected) => {
    const [asked, given] = [offered, chosen].map(
      (value): Pairs => (value ? [['Sec-WebSocket-Protocol', value]] : []),
    )
    const text = answerForClient(message(asked ?? []), message([...answer, ...(given ?? [])]))
    expect([...text.matchAll(/^sec-websocket-protocol: (.*)\r$/gim)].map(([, name]) => name)).toEqual(
      expected,
    )
  })
})

describe('an answer', () => {
  // The example of RFC 6455, section 1.3.
  const request = message([['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']])
  const right: Pairs = [
    ['Upgrade', 'WebSocket'],
    ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
  ]

  it.each<[boolean, string, IncomingMessage]>([
    [true, 'is right', message(right, 101)],
    [false, 'has another status', message(right, 200)],
    [false, 'has no Upgrade', message(right.slice(1), 101)],
    [false, 'upgrades to something else', message([['Upgrade', 'h2c'], ...right.slice(1)], 101)],
    [false, 'accepts another key', message([...right, ['Sec-WebSocket-Accept', 'x']], 101)],
    [false, 'accepts none', message(right.slice(0, 1), 101)],
  ])('is taken: %s, when it %s', (isTaken, _what, answer) => {
    expect(isAnswerTo(request, answer)).toBe(isTaken)
  })
})

describe('a token alone', () => {
  it.each([
    [bearer, true],
    [`${bearer}, ${bearer}`, true],
    [`${bearer}, wsyard.v1`, false],
    ['chat', false],
    ['', false],
  ])('is seen in "%s": %s', (offered, isAlone) => {
    expect(offersTokenAlone({ 'sec-websocket-protocol': offered })).toBe(isAlone)
  })
})
