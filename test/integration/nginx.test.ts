/** `docs/recipes/nginx.md` as it stands there, in a real nginx, whose workers are processes of another user than the hub's. */
import { execFileSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { getCertificate } from '@vitejs/plugin-basic-ssl'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { openRegistry } from '../../src/registry/index.js'
import { createServer as createWsyardServer } from '../../src/server/index.js'
import {
  createTestHome,
  projectRoot,
  type RunningProcess,
  startProcess,
  type TestHome,
} from '../support/processes.js'
import { handshakeHeaders, type RawAnswer, rawRequest } from '../support/raw-request.js'
import { needRoot, needSuccess, needTool, type Skippable } from '../support/tools.js'

const recipe = readFileSync(join(projectRoot, 'docs/recipes/nginx.md'), 'utf8')
const [site = '', linesForTls = ''] = [...recipe.matchAll(/```nginx\n([\s\S]*?)```/g)].map(
  ([, text = '']) => text,
)

type Change = readonly [from: string, to: string]

/** Replaces what stands there once, and nothing that does not. */
function changed(text: string, changes: readonly Change[]): string {
  return changes.reduce((before, [from, to]) => {
    expect(before.split(from), from).toHaveLength(2)
    return before.replace(from, to)
  }, text)
}

/** The user that the packages of Debian run nginx as. */
const workers = 'www-data'

function needNginx(context: Skippable): void {
  needRoot(context) // only the master of root may have workers of another user
  needTool(context, 'nginx', 'nginx-light')
  needSuccess(context, 'id', [workers], `there is no user ${workers}`)
}

/** Nothing that asks for any port is given one of these by the system, so it stays free until nginx has it. */
async function freePort(): Promise<number> {
  const port = randomInt(10_000, 32_000)
  const server = createServer().listen(port, '127.0.0.1')
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  if (!isFree) return freePort()
  server.close()
  await once(server, 'close')
  return port
}

interface Nginx extends RunningProcess {
  readonly port: number
  /** What it has logged about requests that are over. */
  log(): string
}

/** Starts an nginx of the test's own with the recipe's site, and resolves when it listens. */
async function startNginx(home: TestHome, hubPort: number, changes: readonly Change[] = []): Promise<Nginx> {
  const port = await freePort()
  const directory = join(dirname(home.path), `nginx-${port}`)
  mkdirSync(directory)
  chmodSync(dirname(home.path), 0o711) // the workers have files of their own in there
  const ofTest: Change[] = [
    ['listen 80', `listen 127.0.0.1:${port}`],
    ['127.0.0.1:9793', `127.0.0.1:${hubPort}`],
  ]
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (what) => `  ${what}_temp_path ${what};`,
  )
  const config = `
daemon off;
user ${workers};
pid nginx.pid;
error_log stderr notice;
events {}
http {
  access_log access.log;
${temporary.join('\n')}
${changed(site, [...changes, ...ofTest])}
}`
  writeFileSync(join(directory, 'nginx.conf'), config)
  const args = ['-p', directory, '-c', 'nginx.conf', '-e', 'stderr']
  const running = startProcess('nginx', args, { cwd: directory })
  home.onCleanUp(() => running.stop()) // not by force, which its workers would survive
  await running.printed(/start worker process \d+/) // it listens before that
  return { ...running, port, log: () => readFileSync(join(directory, 'access.log'), 'utf8') }
}

interface Hub extends RunningProcess {
  readonly port: number
  readonly token: string
}

const asInRecipe = ['--hosts', 'tool.example', '--peers', 'any']

async function startHub(home: TestHome, args: readonly string[] = asInRecipe, port = 0): Promise<Hub> {
  const command = [join(projectRoot, 'dist/bin/wsyard.js'), 'hub', '--port', String(port), ...args]
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  const running = home.own(startProcess(process.execPath, command, { env }))
  const [, at, token = ''] = await running.printed(/127\.0\.0\.1:(\d+)\/\S*#token=(\S+)/)
  return { ...running, port: Number(at), token }
}

/** Two servers that say where they were asked and then echo, one of which asks for a token. Resolves to that. */
async function startServers(home: TestHome): Promise<string> {
  const registry = openRegistry({ home: home.path })
  const start = (name: string, auth: 'token' | 'open') =>
    createWsyardServer({
      registry,
      name,
      auth,
      onConnection(socket, { url }) {
        socket.send(`hello at ${url}`)
        socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
      },
    })
  const servers = await Promise.all([start('guarded', 'token'), start('open', 'open')])
  home.onCleanUp(async () => {
    for (const server of servers) await server.close()
    await registry.close()
  })
  const file = join(home.path, 'servers.d', `${servers[0].id}.json`)
  return String(JSON.parse(readFileSync(file, 'utf8')).token)
}

interface Site {
  readonly nginx: Nginx
  readonly port: number
  /** The hub's own. */
  readonly token: string
  readonly serverToken: string
}

async function startSite(
  home: TestHome,
  args: readonly string[] = asInRecipe,
  changes: readonly Change[] = [],
): Promise<Site> {
  const serverToken = await startServers(home)
  const hub = await startHub(home, args)
  const nginx = await startNginx(home, hub.port, changes)
  return { nginx, port: nginx.port, token: hub.token, serverToken }
}

type Headers = readonly (readonly [name: string, value: string])[]

const bearer = (token: string): [string, string] => ['Authorization', `Bearer ${token}`]
const offering = (...protocols: string[]): [string, string] => [
  'Sec-WebSocket-Protocol',
  protocols.join(', '),
]
const from = (origin: string): [string, string] => ['Origin', origin]
const ownPage = from('http://tool.example')

function ask(port: number, path: string, headers: Headers = [], host = 'tool.example'): Promise<RawAnswer> {
  return rawRequest({ port, path, headers: [['Host', host], ...headers] })
}

/** The status of an answer, and the code of a refusal: `"403 HOST_NOT_ALLOWED"`. */
async function toAsk(...asked: Parameters<typeof ask>): Promise<string> {
  const { status, code } = await ask(...asked)
  return code === undefined ? String(status) : `${status} ${code}`
}

/** The same of a WebSocket's handshake. */
function toOpen(port: number, path: string, headers: Headers = [], host?: string): Promise<string> {
  return toAsk(port, path, [...handshakeHeaders, ...headers], host)
}

function overTls(port: number, { headers = {}, ...options }: RequestOptions): Promise<IncomingMessage> {
  const asked = { host: '127.0.0.1', port, rejectUnauthorized: false, agent: false, ...options }
  return new Promise((resolve, reject) => {
    const sent = request({ ...asked, headers: { Host: 'tool.example', ...headers } })
    sent.on('response', (response) => resolve(response.resume()))
    sent.on('error', reject).end()
  })
}

/** What a server says first, and whether 300 KB come back from it as they were. */
async function converse(url: string, headers: Headers): Promise<[greeting: string, isSame: boolean]> {
  const message = randomBytes(300_000)
  const sent = { Host: 'tool.example', ...Object.fromEntries(headers) }
  const socket = new WebSocket(url, { headers: sent, rejectUnauthorized: false })
  try {
    const [greeting] = await once(socket, 'message')
    socket.send(message)
    const [echo] = await once(socket, 'message')
    return [String(greeting), message.equals(echo)]
  } finally {
    socket.terminate()
  }
}

/** Any sixteen characters of it. */
function partsOf(token: string): string[] {
  return Array.from({ length: token.length - 15 }, (_, start) => token.slice(start, start + 16))
}

describe('docs/recipes/nginx.md', () => {
  it('lets in who has the token of the hub, by its own name and from its own page', async (context) => {
    needNginx(context)
    await using home = createTestHome()
    const { port, token } = await startSite(home)
    const path = '/api/registry'
    const [mine, evil] = [bearer(token), from('https://evil.example')]

    const { status, body } = await ask(port, path, [mine])
    expect(status).toBe(200)
    expect(body).toContain('"name":"guarded"')
    expect(await toAsk(port, path)).toBe('401 TOKEN_NEEDED')
    expect(await toAsk(port, path, [bearer('x'.repeat(43))])).toBe('401 TOKEN_WRONG')
    expect(await toAsk(port, path, [mine], 'evil.example')).toBe('403 HOST_NOT_ALLOWED')
    expect(await toAsk(port, path, [mine, evil])).toBe('403 ORIGIN_NOT_ALLOWED')

    const push = offering('wsyard.v1', `wsyard.bearer.${token}`)
    expect(await toOpen(port, path, [push, ownPage])).toBe('101')
    expect(await toOpen(port, path, [offering('wsyard.v1'), ownPage])).toBe('401 TOKEN_NEEDED')
    expect(await toOpen(port, path, [push, evil])).toBe('403 ORIGIN_NOT_ALLOWED')
    expect(await toOpen(port, path, [push], 'evil.example')).toBe('403 HOST_NOT_ALLOWED')
    expect((await ask(port, '/')).body).toContain('<title>wsyard</title>')
  })

  it('reaches a server that asks for a token, with path, query and bytes as they were', async (context) => {
    needNginx(context)
    await using home = createTestHome()
    const { port, token } = await startSite(home)
    const url = `ws://127.0.0.1:${port}/api/registry/guarded/a%2Fb//c?x=%20`
    expect(await converse(url, [bearer(token), ownPage])).toEqual(['hello at /a%2Fb//c?x=%20', true])
    expect(await toOpen(port, '/api/registry/guarded', [ownPage])).toBe('401 TOKEN_NEEDED')
  })

  it('needs --peers any for the servers that ask for a token, and for them alone', async (context) => {
    needNginx(context)
    await using home = createTestHome()
    const { port, token } = await startSite(home, ['--hosts', 'tool.example'])
    const headers = [bearer(token), ownPage]
    expect(await toOpen(port, '/api/registry/guarded', headers)).toBe('403 PEER_NOT_ALLOWED')
    const { body } = await ask(port, '/api/registry/guarded', headers)
    const uid = execFileSync('id', ['-u', workers], { encoding: 'utf8' }).trim()
    expect(body).toContain(`it is a process of user ${uid} that asks`)
    expect(body).toContain('--peers any')
    expect(await toAsk(port, '/api/registry', headers)).toBe('200')
    const url = `ws://127.0.0.1:${port}/api/registry/open`
    expect(await converse(url, headers)).toEqual(['hello at /', true])
  })

  it('lets a browser in by a session, and writes down neither that nor a token', async (context) => {
    needNginx(context)
    await using home = createTestHome()
    const { nginx, port, token, serverToken } = await startSite(home)
    const entered = await rawRequest({
      port,
      method: 'POST',
      path: '/__wsyard/enter',
      headers: [['Host', 'tool.example'], ['Content-Length', '0'], ownPage, bearer(token)],
    })
    expect(entered.status).toBe(204)
    const [, cookie = '', session = ''] = /^set-cookie: (wsyard\w*=([\w-]{43}));/im.exec(entered.head) ?? []
    const browser: Headers = [['Cookie', cookie], ownPage]
    expect(await toAsk(port, '/api/registry?by=session', browser)).toBe('200')
    const url = `ws://127.0.0.1:${port}/api/registry/guarded/by-session`
    expect(await converse(url, browser)).toEqual(['hello at /by-session', true])
    const push = offering('wsyard.v1', `wsyard.bearer.${token}`)
    expect(await toOpen(port, '/api/registry?by=subprotocol', [push])).toBe('101')

    const lines = [
      '"POST /__wsyard/enter HTTP/1.1" 204',
      '"GET /api/registry?by=session HTTP/1.1" 200',
      '"GET /api/registry/guarded/by-session HTTP/1.1" 101',
      '"GET /api/registry?by=subprotocol HTTP/1.1" 101',
    ]
    await expect.poll(() => lines.filter((line) => !nginx.log().includes(line))).toEqual([])
    expect(await nginx.stop()).toBe(0)
    const secrets = [token, session, serverToken]
    expect(secrets.map((secret) => secret.length)).toEqual([43, 43, 43])
    const written = nginx.log() + nginx.output()
    expect(secrets.flatMap(partsOf).filter((part) => written.includes(part))).toEqual([])
  })

  it('has HTTPS by its three lines, and the session then goes by HTTPS alone', async (context) => {
    needNginx(context)
    await using home = createTestHome()
    const pem = join(dirname(home.path), 'tool.example.pem') // the key, too
    writeFileSync(pem, await getCertificate(dirname(pem), 'tool.example', ['tool.example']))
    const withTls = changed(linesForTls, [
      ['listen 443', 'listen 80'],
      ['/etc/ssl/tool.example.pem', pem],
      ['/etc/ssl/tool.example.key', pem],
    ])
    const { port, token } = await startSite(home, asInRecipe, [['  listen 80;\n', withTls]])
    const page = [bearer(token), from('https://tool.example')]
    const url = `wss://127.0.0.1:${port}/api/registry/guarded`
    expect(await converse(url, page)).toEqual(['hello at /', true])
    const entrance = { method: 'POST', path: '/__wsyard/enter', headers: Object.fromEntries(page) }
    const { statusCode, headers } = await overTls(port, entrance)
    expect(statusCode).toBe(204)
    expect(headers['set-cookie']?.[0]).toMatch(/; Secure(;|$)/)
  })

  it('answers with a page of its own while the hub is down, and finds it again', async (context) => {
    needNginx(context)
    await using home = createTestHome()
    const hub = await startHub(home, asInRecipe, await freePort())
    const { port } = await startNginx(home, hub.port)
    const headers = [bearer(hub.token)]
    expect(await toAsk(port, '/api/registry', headers)).toBe('200')
    await hub.stop()
    const { status, head } = await ask(port, '/api/registry', headers)
    expect(status).toBe(502)
    expect(head).toMatch(/^content-type: text\/html/im)
    await startHub(home, asInRecipe, hub.port)
    expect(await toAsk(port, '/api/registry', headers)).toBe('200')
  })

  it('needs its lines for Host and for upgrades, each for what the recipe says', async (context) => {
    needNginx(context)
    await using home = createTestHome()
    await startServers(home)
    const { port: hubPort, token } = await startHub(home)
    const headers = [bearer(token), from('http://tool.example:8080')]
    const toOpenWith = async (...changes: Change[]): Promise<string> => {
      const { port } = await startNginx(home, hubPort, changes)
      return toOpen(port, '/api/registry/guarded', headers, 'tool.example:8080')
    }
    expect(await toOpenWith()).toBe('101')
    expect(await toOpenWith(['proxy_set_header Host $http_host;', ''])).toBe('403 ORIGIN_NOT_ALLOWED')
    expect(await toOpenWith(['$http_host', '$host'])).toBe('403 ORIGIN_NOT_ALLOWED')
    expect(await toOpenWith(['proxy_set_header Upgrade $http_upgrade;', ''])).toBe('426 UPGRADE_NEEDED')
    expect(await toOpenWith(['proxy_set_header Connection $connection_upgrade;', ''])).toBe(
      '426 UPGRADE_NEEDED',
    )
  })
})
