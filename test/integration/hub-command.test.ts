/** `wsyard hub`: what a person types, and what a page then gets. */
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  createTestHome,
  projectRoot,
  type RunningProcess,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'

const wsyard = join(projectRoot, 'dist/bin/wsyard.js')

interface RunningHub extends RunningProcess {
  readonly url: string
  readonly token: string
}

function start(home: TestHome, args: readonly string[] = []): RunningProcess {
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  return home.own(startProcess(process.execPath, [wsyard, 'hub', '--port', '0', ...args], { env }))
}

async function startHub(home: TestHome, args: readonly string[] = []): Promise<RunningHub> {
  const running = start(home, args)
  const [, url = '', token = ''] = await running.printed(
    /Open\s+(http:\/\/\S+?\/)(?:__wsyard\/enter#token=(\S+))?\s/,
  )
  return { ...running, url, token }
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** A request whose path is sent as it stands, which `fetch` would tidy up. */
function get(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, async (response) => {
      let body = ''
      for await (const chunk of response.setEncoding('utf8')) body += chunk
      resolve({ status: response.statusCode ?? 0, body })
    })
      .on('error', reject)
      .end()
  })
}

describe('wsyard hub', () => {
  it('prints a link, and shows the registry to who has its token', async () => {
    await using home = createTestHome()
    const server = home.own(await startEchoServer(home.path))
    const hub = await startHub(home)
    const response = await fetch(`${hub.url}api/registry`, bearer(hub.token))
    expect(await response.json()).toMatchObject({ servers: [{ id: server.id }] })
    for (const token of [undefined, 'x'.repeat(43), hub.token.slice(1)]) {
      const refused = await fetch(`${hub.url}api/registry`, token === undefined ? {} : bearer(token))
      expect(refused.status).toBe(401)
      expect(await refused.json()).toMatchObject({
        error: {
          code: token === undefined ? 'TOKEN_NEEDED' : 'TOKEN_WRONG',
          message: expect.stringMatching(/link/),
        },
      })
    }
  })

  it('serves the dashboard to everybody, without anything of the registry, under a strict policy', async () => {
    await using home = createTestHome()
    home.own(await startEchoServer(home.path, ['--name', 'worker-a']))
    const hub = await startHub(home)
    const response = await fetch(hub.url)
    const text = await response.text()
    expect(text).toContain('<title>wsyard</title>')
    expect(text).not.toContain('worker-a')
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    const [, script = ''] = /src="\.(\/assets\/[^"]+)"/.exec(text) ?? []
    expect((await fetch(new URL(script, hub.url))).headers.get('content-type')).toMatch(/javascript/)
  })

  it('serves a built page as it is at that moment, its index.html where there is no file, and nothing outside', async () => {
    await using home = createTestHome()
    const page = join(home.path, '..', 'page')
    mkdirSync(page)
    writeFileSync(join(page, 'index.html'), 'first')
    writeFileSync(join(page, '.env'), 'secret')
    writeFileSync(join(home.path, '..', 'outside.txt'), 'secret')
    const hub = await startHub(home, [page])
    expect(await (await fetch(hub.url)).text()).toBe('first')
    writeFileSync(join(page, 'index.html'), 'second')
    expect(await (await fetch(`${hub.url}some/route`)).text()).toBe('second')
    for (const path of [
      '/../outside.txt',
      '/%2e%2e/outside.txt',
      '/..%2foutside.txt',
      '/.env',
      '/%00',
      '/%zz',
      '//outside',
    ]) {
      expect((await get(hub.url, path)).body).not.toContain('secret')
    }
    expect((await get(hub.url, '/', { host: 'evil.test' })).status).toBe(403)
    expect((await fetch(hub.url)).status).toBe(200)
  })

  it('keeps its token in a file of mode 0600, whatever the umask, and across restarts', async () => {
    await using home = createTestHome()
    const before = process.umask(0)
    const hub = await startHub(home).finally(() => process.umask(before))
    const path = join(home.path, 'hub.token')
    expect(readFileSync(path, 'utf8')).toBe(`${hub.token}\n`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(home.path).mode & 0o777).toBe(0o700)
    expect(await hub.stop()).toBe(0)
    expect((await startHub(home)).token).toBe(hub.token)
  })

  it.each([
    ['that others could read', (path: string) => chmodSync(path, 0o644)],
    ['that holds something else', (path: string) => writeFileSync(path, 'password')],
    ['that is empty', (path: string) => writeFileSync(path, '')],
  ])('makes a new token in the place of one %s', async (_what, spoil) => {
    await using home = createTestHome()
    const hub = await startHub(home)
    await hub.stop()
    spoil(join(home.path, 'hub.token'))
    const { token } = await startHub(home)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(token).not.toBe(hub.token)
  })

  it('reads no token through a symbolic link', async () => {
    await using home = createTestHome()
    mkdirSync(home.path, { mode: 0o700 })
    writeFileSync(join(home.path, 'elsewhere'), 'x'.repeat(43))
    symlinkSync(join(home.path, 'elsewhere'), join(home.path, 'hub.token'))
    const hub = start(home)
    expect(await hub.ended).toBe(1)
    expect(hub.output()).toMatch(/hub\.token: it is a symbolic link.*\[WSYARD_ERR_FILE_REFUSED\]/)
  })

  it('says that a hub has the port, and that something else has', async () => {
    await using home = createTestHome()
    const first = await startHub(home)
    const { port } = new URL(first.url)
    const second = start(home, ['--port', port])
    expect(await second.ended).toBe(1)
    const known = process.platform === 'linux'
    const by = (pid: number): string => (known ? `, as process ${pid}` : '')
    expect(second.output()).toContain(
      `port ${port}: a wsyard hub is running there already, at ${first.url}${by(first.pid)}. Open the link`,
    )

    const other = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
    home.onCleanUp(() => other.close())
    await expect.poll(() => other.listening).toBe(true)
    const third = start(home, ['--port', String((other.address() as AddressInfo).port)])
    expect(await third.ended).toBe(1)
    expect(third.output()).toContain(
      `something else listens there${by(process.pid)}. Stop it, or choose another --port`,
    )
  })

  it('tells pages of other origins that may come what they lack, and nothing to those that may not', async () => {
    await using home = createTestHome()
    const { url } = await startHub(home, ['--origins', 'https://app.example'])
    const asked = async (path: string, origin: string) => {
      const response = await fetch(`${url}${path}`, { headers: { origin } })
      const { error } = (await response.json()) as { error: { code: string; message: string } }
      return { ...error, readableBy: response.headers.get('access-control-allow-origin') }
    }
    for (const path of ['api/registry', 'api/registry/any'])
      expect(await asked(path, 'https://app.example')).toMatchObject({
        code: 'TOKEN_NEEDED',
        readableBy: 'https://app.example',
      })
    expect(await asked('api/registry', 'https://evil.test')).toMatchObject({
      code: 'ORIGIN_NOT_ALLOWED',
      message: 'Origin "https://evil.test" is not a page of this machine: add it to --origins to let it in.',
      readableBy: null,
    })
    for (const origin of ['null', 'vscode-webview://x'])
      expect(await asked('api/registry', origin)).toMatchObject({
        code: 'ORIGIN_NOT_ALLOWED',
        message: expect.stringMatching(/no option lets it in, as it is none of http or https\. Serve/),
        readableBy: null,
      })
  })

  it('asks for no token with --auth origin, and still for a page of this machine', async () => {
    await using home = createTestHome()
    const hub = await startHub(home, [
      '--auth',
      'origin',
      '--origins',
      'https://app.example,https://b.example',
    ])
    expect(hub.token).toBe('')
    const statusFor = async (origin: string) =>
      (await fetch(`${hub.url}api/registry`, { headers: { origin } })).status
    expect(await statusFor('http://localhost:3000')).toBe(200)
    expect(await statusFor('https://app.example')).toBe(200)
    expect(await statusFor('https://b.example')).toBe(200)
    expect(await statusFor('https://evil.test')).toBe(403)
  })

  it('may be asked by other names that it was told', async () => {
    await using home = createTestHome()
    const hub = await startHub(home, ['--hosts', 'box.example,.dev.example'])
    const statusFor = async (host: string) =>
      (await get(hub.url, '/api/registry', { host, authorization: `Bearer ${hub.token}` })).status
    expect(await Promise.all(['box.example', 'a.dev.example:9', 'localhost'].map(statusFor))).toEqual([
      200, 200, 200,
    ])
    expect(await statusFor('evil.example')).toBe(403)
    const { body } = await get(hub.url, '/api/registry', { host: 'evil.example' })
    expect(body).toContain('add the name to --hosts')
  })

  it('may be asked by any address where it listens on all, and still by no other name', async () => {
    await using home = createTestHome()
    const hub = await startHub(home, ['--host', '0.0.0.0'])
    const codeFor = async (host: string) =>
      JSON.parse((await get(hub.url, '/api/registry', { host })).body).error.code
    expect(await codeFor('192.168.7.7:9793')).toBe('TOKEN_NEEDED')
    expect(await codeFor('evil.example')).toBe('HOST_NOT_ALLOWED')
  })

  it.each([
    [
      ['--auth', 'origin', '--host', '0.0.0.0'],
      /everybody on the network.*--dangerously-open-to-the-network/,
    ],
    [['--auth', 'none'], /Allowed choices are token, origin/],
    [['--port', '70000'], /whole number from 0 to 65535/],
    [['--origins', '*'], /"\*" would let every web site in/],
    [['--scope', '/nonexistent'], /It must be a directory that is there/],
    [['/nonexistent'], /There is no page in \/nonexistent: no index\.html.*\[WSYARD_ERR_PAGE_MISSING\]/],
    [['--prot', '1'], /unknown option '--prot'.*--port/s],
  ])('refuses %j, saying why', async (args, message) => {
    await using home = createTestHome()
    const hub = start(home, args)
    const isUsage = args.join() !== '/nonexistent'
    expect(await hub.ended).toBe(isUsage ? 2 : 1)
    expect(hub.output()).toMatch(message)
    expect(hub.output()).not.toMatch(/\n\s+at /)
  })

  it('stops at once when it is told to, with pages connected', async () => {
    await using home = createTestHome()
    const hub = await startHub(home)
    await fetch(`${hub.url}api/registry`, bearer(hub.token))
    expect(await hub.stop('SIGINT')).toBe(0)
  })
})
