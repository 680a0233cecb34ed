/**
 * Every Host × Origin × Sec-Fetch-Site × credential on every endpoint of every place that has a guard. The answers are
 * expected by the tables of this file, which say of each value what it is, and know nothing of the guard.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GuardedPlace, startPlaces } from '../support/guarded-places.js'
import { isLong } from '../support/length.js'
import { handshakeHeaders, type RawAnswer, rawRequest } from '../support/raw-request.js'

/** Host headers by whether they are this machine's; `PORT` is the port that is asked. */
const hosts: readonly [text: string, isHere: boolean][] = [
  ['localhost:PORT', true],
  ['127.0.0.1:PORT', true],
  ['[::1]:PORT', true],
  ['tool.localhost', true],
  ['box.example', true], // configured
  ['evil.test:PORT', false],
  ['localhost.evil.test', false],
  ['localhost6:PORT', false],
  ['127.1:PORT', false],
  ['2130706433', false],
  ['0x7f.1', false],
  ['[::1', false],
  ['a b', false],
  ['localhost:99999', false],
  ['', false],
]

type Page = 'nobody' | 'own' | 'loopback' | 'configured' | 'stranger'

/** Origins by whose they are; `HOST` is the Host header of the same request. */
const origins: readonly [text: string | undefined, page: Page][] = [
  [undefined, 'nobody'],
  ['http://HOST', 'own'],
  ['https://HOST', 'own'],
  ['http://localhost:3', 'loopback'],
  ['https://127.0.0.9', 'loopback'],
  ['https://app.example', 'configured'],
  ['https://evil.test', 'stranger'],
  ['http://app.example', 'stranger'],
  ['https://app.example.evil.test', 'stranger'],
  ['http://localhost.evil.test', 'stranger'],
  ['http://localhost:99999', 'stranger'],
  ['http://[::1', 'stranger'],
  ['file://', 'stranger'],
  ['null', 'stranger'],
  ['', 'stranger'],
]

const sites = [undefined, 'same-origin', 'same-site', 'cross-site', 'none', 'elsewhere'] as const

/** Whether a page comes in with each of `sites`, in their order, where every page of this machine may come. */
const loopbackTable: Record<Page, string> = {
  nobody: '✓✓✓✗✓✗',
  own: '✓✓✗✗✓✗',
  loopback: '✓✓✓✓✓✗',
  configured: '✓✓✓✓✓✗',
  stranger: 'ooooooo',
}

/** The same for the relay, where only the hub's own page may. `o`: it is refused for its origin. */
const ownTable: Record<Page, string> = {
  ...loopbackTable,
  nobody: '✓✓✗✗✓✗',
  loopback: 'oooooo',
}

/** The same for the dashboard, for who goes there. */
const visitorsTable: Record<Page, string> = {
  nobody: '✓✓✓✓✓✓',
  own: '✓✓✓✓✓✓',
  loopback: '✓✓✓✓✓✓',
  configured: '✓✓✓✓✓✗',
  stranger: '✓✓✓✓✓✓',
}

const tables = { loopback: loopbackTable, own: ownTable, visitors: visitorsTable }

/** The same for the session that a browser brings by itself, in the place of a token: `·`: it is nothing. */
const sessionTable: Record<Page, string> = {
  nobody: '✓✓··✓·',
  own: '✓✓··✓·',
  loopback: '······',
  configured: '······',
  stranger: '······',
}

const withToken = [
  'none',
  'header',
  'subprotocol',
  'wrong header',
  'wrong subprotocol',
  'session',
  'wrong session',
] as const
type Credential = (typeof withToken)[number]

const places: GuardedPlace[] = []
let close: () => Promise<void> = async () => {}
beforeAll(async () => {
  const started = await startPlaces({ origins: ['https://app.example'], hosts: ['box.example'] })
  places.push(...started.places)
  close = started.close
})
afterAll(() => close())

interface Cell {
  readonly what: string
  readonly ask: () => Promise<RawAnswer>
  readonly expected: string
}

function cellsOf(place: GuardedPlace): Cell[] {
  const { name, port, token, session, hasOtherHosts, endpoints } = place
  const credentials: readonly Credential[] = token === undefined ? ['none', 'wrong header'] : withToken
  const isAllowed = ([text, isHere]: (typeof hosts)[number]): boolean =>
    isHere && (text !== 'box.example' || hasOtherHosts)
  const allowed = hosts.filter(isAllowed)
  const cells: Cell[] = []
  let refused = 0
  for (const hostCase of hosts) {
    const [hostText] = hostCase
    const host = hostText.replace('PORT', String(port))
    const isHostAllowed = isAllowed(hostCase)
    let turn = allowed.indexOf(hostCase)
    for (const [originText, page] of origins) {
      const origin = originText?.replace('HOST', host)
      for (const [position, site] of sites.entries()) {
        for (const credential of credentials) {
          for (const { path, isUpgrade, method = 'GET', pages, answer } of endpoints) {
            // Whoever has named another host is out whatever else there is: the short form asks that of some.
            if (!isLong && !isHostAllowed && refused++ % 17 > 0) continue
            // To who is of elsewhere the hosts that are here are all one: the short form has them take turns.
            const isOfHost = page === 'nobody' || page === 'own'
            if (!isLong && isHostAllowed && !isOfHost && turn++ % allowed.length > 0) continue
            // Over plain HTTP a server's subprotocols are nobody's.
            if (!isUpgrade && credential.endsWith('subprotocol')) continue
            const isVisit = pages === 'visitors'
            if (isVisit && credential !== 'none') continue
            const mark = tables[pages][page].charAt(position)
            const expected = ((): string => {
              if (!isHostAllowed) return '403 HOST_NOT_ALLOWED'
              if (mark === 'o') return '403 ORIGIN_NOT_ALLOWED'
              if (mark === '✗') return '403 CROSS_SITE'
              if (token === undefined || isVisit) return answer
              if (credential === 'none' || credential === 'wrong session') return '401 TOKEN_NEEDED'
              if (credential === 'session') {
                const isTaken = session !== undefined && sessionTable[page].charAt(position) === '✓'
                return isTaken ? answer : '401 TOKEN_NEEDED'
              }
              return credential.startsWith('wrong') ? '401 TOKEN_WRONG' : answer
            })()
            const headers = [
              ['Host', host],
              ...(origin === undefined ? [] : [['Origin', origin]]),
              ...(site === undefined ? [] : [['Sec-Fetch-Site', site]]),
              ...(isVisit ? [['Sec-Fetch-Mode', 'navigate']] : []),
              ...(isUpgrade ? handshakeHeaders : []),
              ...credentialHeaders(credential, place, isUpgrade),
              ...(credential.endsWith('session') ? [['Cookie', cookieOf(host, credential, session)]] : []),
            ] as [string, string][]
            cells.push({
              what: `${name} ${isUpgrade ? 'WS' : method} ${path} | Host ${host} | Origin ${origin} | ${site} | ${credential}`,
              ask: () => rawRequest({ port, path, method, headers }),
              expected,
            })
          }
        }
      }
    }
  }
  return cells
}

function credentialHeaders(
  credential: Credential,
  { token = '' }: GuardedPlace,
  isUpgrade: boolean,
): [string, string][] {
  const wrong = `${token.slice(1)}${token.startsWith('A') ? 'B' : 'A'}`
  const protocols = (text?: string): [string, string][] =>
    isUpgrade
      ? [['Sec-WebSocket-Protocol', text === undefined ? 'wsyard.v1' : `wsyard.v1, wsyard.bearer.${text}`]]
      : []
  if (credential === 'header') return [['Authorization', `Bearer ${token}`], ...protocols()]
  if (credential === 'wrong header') return [['Authorization', `Bearer ${wrong}`], ...protocols()]
  if (credential === 'subprotocol') return protocols(token)
  if (credential === 'wrong subprotocol') return protocols(wrong)
  return protocols()
}

/** As a browser has it that was let in at this host. */
function cookieOf(host: string, credential: Credential, session = 'x'.repeat(43)): string {
  const port = /:(\d{1,5})$/.exec(host)?.[1]
  const value =
    credential === 'session' ? session : `${session.slice(1)}${session.startsWith('A') ? 'B' : 'A'}`
  return `theme=dark; ${port === undefined ? 'wsyard' : `wsyard_${port}`}=${value}; other=1`
}

/** As many at once as a busy browser. */
const width = 16

async function wrongOf(cells: readonly Cell[]): Promise<string[]> {
  const wrong: string[] = []
  const queue = cells.values()
  const worker = async (): Promise<void> => {
    for (const { what, ask, expected } of queue) {
      const { status, code } = await ask()
      const answer = code === undefined ? String(status) : `${status} ${code}`
      // Vite looks at the Host of plain requests before we do, and words its refusal itself.
      if (answer !== expected && !(answer === '403' && expected === '403 HOST_NOT_ALLOWED')) {
        wrong.push(`${what}: ${answer} instead of ${expected}`)
      }
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return wrong
}

describe('the guard', () => {
  it.each(['vite dev', 'vite preview', 'wsyard hub', 'createServer'])(
    'of %s answers every cell of the matrix as the tables have it',
    { timeout: 120_000 },
    async (name) => {
      const cells = places.filter((place) => place.name === name).flatMap(cellsOf)
      expect(cells.length).toBeGreaterThan(isLong ? 3000 : 1000)
      console.log(`${name}: ${cells.length} cells`)
      expect(await wrongOf(cells)).toEqual([])
    },
  )
})
