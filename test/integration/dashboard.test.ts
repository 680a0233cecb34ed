/** Where the dashboard is served, to whom, and how Vite tells of it. The page itself is tried in a browser, in `test/e2e`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { get as getHttp } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wsyard } from '../../src/vite/index.js'
import { createTestHome, projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { rawRequest } from '../support/raw-request.js'
import { hasTerminal, startInTerminal } from '../support/terminal.js'

/** A Vite app of its own, with the package as it is built, and what starts it by Vite's own command. */
function makeApp(command: 'dev' | 'preview', base: string, options = '{}') {
  const root = join(projectRoot, 'test-results/apps', `${command}-${process.pid}-${Math.random()}`)
  mkdirSync(join(root, 'dist'), { recursive: true })
  for (const file of ['index.html', 'dist/index.html'])
    writeFileSync(join(root, file), '<title>an app</title>')
  const config = `import { wsyard } from 'wsyard/vite'\nexport default { base: '${base}', plugins: [wsyard(${options})] }\n`
  writeFileSync(join(root, 'vite.config.mjs'), config)
  return { root, args: [join(projectRoot, 'node_modules/vite/bin/vite.js'), command, root, '--port', '0'] }
}

async function startApp(home: TestHome, command: 'dev' | 'preview', base: string, options?: string) {
  const { args } = makeApp(command, base, options)
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  const vite = home.own(startProcess(process.execPath, args, { env }))
  const [, url = ''] = await vite.printed(/Local:\s+(http:\/\/localhost:\d+\/\S*)/)
  return { vite, url }
}

async function startHub(home: TestHome) {
  const command = [join(projectRoot, 'dist/bin/wsyard.js'), 'hub', '--port', '0']
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  const hub = home.own(startProcess(process.execPath, command, { env }))
  const [, url = ''] = await hub.printed(/Open\s+(http:\/\/\S+?\/)__wsyard\/enter#token/)
  return url
}

/** Each with the URL of the dashboard's page. */
const places: Record<string, (home: TestHome) => Promise<string>> = {
  'vite dev': async (home) => `${(await startApp(home, 'dev', '/')).url}__wsyard/`,
  'vite preview': async (home) => `${(await startApp(home, 'preview', '/')).url}__wsyard/`,
  'vite dev below a base': async (home) => `${(await startApp(home, 'dev', '/some/app/')).url}__wsyard/`,
  'a hub alone': async (home) => `${await startHub(home)}__wsyard/`,
  'a hub alone, at its root': startHub,
}

/** As no `fetch` may: with a Host of one's own, and a path as it stands. */
function ask(url: string, path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    getHttp({ hostname, port, path, headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}

describe.each(Object.entries(places))('the dashboard of %s', (_name, start) => {
  let home: TestHome
  let url: string
  beforeAll(async () => {
    home = createTestHome()
    url = await start(home)
  })
  afterAll(() => home[Symbol.asyncDispose]())

  it('is served under a policy that lets nothing inline run, and is not sent twice', async () => {
    const response = await fetch(url)
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(text).toContain('<title>wsyard</title>')
    const policy = response.headers.get('content-security-policy')
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/)
    expect(policy).not.toContain('unsafe')
    expect(text).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\bon\w+=|style=/)
    expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN')
    const etag = response.headers.get('etag') ?? ''
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
    for (const [, file = ''] of text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)) {
      const asset = await fetch(new URL(file, url))
      expect([file, asset.status, asset.headers.get('x-content-type-options')]).toEqual([
        file,
        200,
        'nosniff',
      ])
    }
  })

  it('comes to who follows a link from anywhere, and not to pages that fetch it or ask by another name', async () => {
    const { pathname } = new URL(url)
    const from = (site: string, mode: string) => ({ 'sec-fetch-site': site, 'sec-fetch-mode': mode })
    expect(await ask(url, pathname, from('cross-site', 'navigate'))).toBe(200)
    expect(await ask(url, pathname, from('same-origin', 'cors'))).toBe(200)
    expect(await ask(url, pathname, from('cross-site', 'no-cors'))).toBe(403)
    expect(await ask(url, pathname, { origin: 'https://evil.test' })).toBe(403)
    expect(await ask(url, pathname, { host: 'evil.test' })).toBe(403)
    for (const path of [
      '../package.json',
      '%2e%2e/package.json',
      'assets/',
      'assets',
      '..%2fhub/index.js',
      '%00',
    ])
      expect([path, await ask(url, `${pathname}${path}`)]).toEqual([path, 404])
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  })
})

describe('a hub alone', () => {
  it('answers requests for no path of its own, too', async () => {
    await using home = createTestHome()
    const port = Number(new URL(await startHub(home)).port)
    const headers = [
      ['Host', 'localhost'],
      ['Connection', 'close'],
    ] as const
    for (const path of ['*', 'http://localhost/', 'x'])
      expect(await rawRequest({ port, path, headers, method: 'OPTIONS' })).toMatchObject({ status: 400 })
  })
})

describe('Vite', () => {
  it('prints where the dashboard is, and leads there without the slash', async () => {
    await using home = createTestHome()
    for (const command of ['dev', 'preview'] as const) {
      const { vite, url } = await startApp(home, command, '/app/')
      await vite.printed(/wsyard:\s+http:\/\/localhost:\d+\/app\/__wsyard\//)
      const redirected = await fetch(`${url}__wsyard`)
      expect([redirected.url, redirected.status]).toEqual([`${url}__wsyard/`, 200])
    }
  })

  it('leaves its path to the app, and prints nothing, with dashboard: false', async () => {
    await using home = createTestHome()
    const { vite, url } = await startApp(home, 'dev', '/', '{ dashboard: false }')
    expect(await (await fetch(`${url}__wsyard/`)).text()).toContain('<title>an app</title>')
    expect(vite.output()).not.toContain('wsyard:')
  })

  it.runIf(hasTerminal).each(['dev', 'preview'] as const)(
    'opens it by a key beside its own, in %s, and prints it where there is no browser',
    async (command) => {
      await using home = createTestHome()
      const { root, args } = makeApp(command, '/app/')
      const bin = join(root, 'bin')
      mkdirSync(bin)
      const opened = join(root, 'opened')
      const opener = (code: number) => {
        const path = join(bin, 'xdg-open')
        writeFileSync(path, `#!/bin/sh\necho "$1" >> '${opened}'\nexit ${code}\n`, { mode: 0o755 })
      }
      opener(0)
      const env = {
        SHIPYARD_HOME: home.path,
        NO_COLOR: '1',
        CI: '', // in which Vite has no keys
        PATH: `${bin}:${process.env.PATH}`,
      }
      const vite = home.own(startInTerminal(args, { env }))
      const [, url = ''] = await vite.printed(/wsyard:\s+(http:\S+)\s[\s\S]*press h \+ enter to show help/)
      vite.type('h\n')
      await vite.printed(/press w \+ enter to open the wsyard dashboard[\s\S]*press q \+ enter to quit/)
      vite.type('w\n')
      const openedUrls = () => (existsSync(opened) ? readFileSync(opened, 'utf8') : '')
      await expect.poll(openedUrls).toBe(`${url}\n`)
      if (command === 'dev') {
        vite.type('r\n')
        await vite.printed(/server restarted/)
        vite.type('w\n')
        await expect.poll(openedUrls).toBe(`${url}\n${url}\n`)
      }
      opener(3)
      vite.type('w\n')
      await vite.printed(new RegExp(`Open ${url}`))
      vite.type('q\n')
      expect(await vite.ended).toBe(0)
    },
  )

  // The context stands in for that of @vitejs/devtools-kit, which is 39 MB with what it needs.
  it('has it as a dock of its DevTools, below its base', () => {
    const docks: unknown[] = []
    const context = {
      viteConfig: { base: '/app/' },
      docks: { register: (dock: unknown) => docks.push(dock) },
    }
    wsyard().devtools?.setup(context)
    expect(docks).toMatchObject([{ id: 'wsyard', type: 'iframe', url: '/app/__wsyard/' }])
    expect(wsyard({ dashboard: false }).devtools).toBeUndefined()
  })
})
