/** `GET /api/registry` on a bare HTTP server, in `vite dev` and in `vite preview`: the same answers. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { createServer, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { wsyard } from '../../src/vite/index.js'
import { startHub } from '../support/hub.js'
import { createTestHome, type TestHome } from '../support/processes.js'

const origins = ['https://app.example']

/** Each starts a server with a hub over the home and returns the URL of its snapshot. */
const places: Record<string, (home: TestHome) => Promise<string>> = {
  async 'a bare HTTP server'(home) {
    return (await startHub(home, { origins })).url
  },
  async 'vite dev'(home) {
    const vite = await createServer({ ...emptySite(home), server: { port: 0, host: '127.0.0.1' } })
    await vite.listen()
    home.onCleanUp(() => vite.close())
    return `${vite.resolvedUrls?.local[0]}api/registry`
  },
  async 'vite preview'(home) {
    const vite = await preview({ ...emptySite(home), preview: { port: 0, host: '127.0.0.1' } })
    home.onCleanUp(() => vite.close())
    return `${vite.resolvedUrls?.local[0]}api/registry`
  },
}

function emptySite(home: TestHome) {
  const root = join(home.path, '..', 'site')
  mkdirSync(join(root, 'dist'), { recursive: true })
  for (const file of ['index.html', 'dist/index.html'])
    writeFileSync(join(root, file), '<title>a page</title>')
  return {
    root,
    configFile: false as const,
    logLevel: 'silent' as const,
    plugins: [wsyard({ home: home.path, origins })],
  }
}

describe.each(Object.entries(places))('the snapshot of %s', (_place, start) => {
  const home = createTestHome()
  let registry: Registry
  let url: string
  beforeAll(async () => {
    registry = openRegistry({ home: home.path })
    url = await start(home)
  })
  afterAll(async () => {
    await registry.close()
    await home[Symbol.asyncDispose]()
  })

  it('is an empty list when there is nothing', async () => {
    const response = await fetch(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.json()).toEqual({ servers: [] })
  })

  it('has the entry with its state, and nothing that only the registry needs', async () => {
    await using registration = await registry.register({
      port: 8080,
      name: 'worker-a',
      path: '/ws',
      meta: { role: 'x' },
    })
    const { machine, processStart, ...shown } = registration.entry
    expect([machine, processStart].every((field) => typeof field === 'string')).toBe(true)
    await expect.poll(async () => (await fetch(url)).json()).toEqual({ servers: [shown] })
    expect(Object.keys(shown)).toEqual(expect.arrayContaining(['id', 'port', 'pid', 'startedAt', 'state']))
  })

  it('has an ETag that changes with the registry, and answers 304 to the one it gave', async () => {
    await expect.poll(async () => (await fetch(url)).json()).toEqual({ servers: [] })
    const etag = (await fetch(url)).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[0-9a-f]+\.\d+"$/)
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await fetch(url, { headers: { 'if-none-match': tag } })
      expect(response.status).toBe(304)
      expect(await response.text()).toBe('')
      expect(response.headers.get('etag')).toBe(etag)
    }
    await using _registration = await registry.register({ port: 8080 })
    await expect.poll(async () => (await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(200)
    expect((await fetch(url)).headers.get('etag')).not.toBe(etag)
  })

  it('may be read by loopback pages and configured origins, by no other, and never by all', async () => {
    const allowed = async (origin: string) => {
      const { headers, status } = await fetch(url, { headers: { origin } })
      expect(headers.get('vary')?.toLowerCase()).toContain('origin')
      expect(status).toBe(headers.has('access-control-allow-origin') ? 200 : 403)
      return headers.get('access-control-allow-origin')
    }
    for (const origin of [
      'http://localhost:3000',
      'http://127.0.0.1:1',
      'https://[::1]:9',
      'https://app.example',
    ]) {
      expect(await allowed(origin)).toBe(origin)
    }
    for (const origin of [
      'https://evil.test',
      'http://localhost.evil.test',
      'null',
      'https://app.example.evil.test',
    ]) {
      expect(await allowed(origin)).toBeNull()
    }
    expect((await fetch(url)).headers.get('access-control-allow-origin')).not.toBe('*')
  })

  it('answers HEAD as GET without the body', async () => {
    await expect.poll(async () => (await fetch(url)).json()).toEqual({ servers: [] }) // tests before are over
    const [get, head] = [await fetch(url), await fetch(url, { method: 'HEAD' })]
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
    for (const name of ['content-length', 'content-type', 'etag', 'cache-control']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    }
  })

  it('answers OPTIONS, to loopback pages with leave to read', async () => {
    const response = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'GET' },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
    expect(response.headers.get('access-control-allow-methods')).toContain('GET')
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('answers 405 to %s, naming what it takes', async (method) => {
    const response = await fetch(url, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    expect(await response.json()).toEqual({
      error: { code: 'METHOD_NOT_ALLOWED', message: expect.stringContaining(method) },
    })
  })

  it('is at its own path, query or not, and nowhere else', async () => {
    expect((await fetch(`${url}?x=1`)).status).toBe(200)
    for (const other of [
      `${url}/`,
      `${url}x`,
      `${url.replace('/api/', '/API/')}`,
      `${url.replace('/api/', '/%61pi/')}`,
    ]) {
      expect((await fetch(other)).headers.get('etag') ?? '').not.toMatch(/^"[0-9a-f]+\.\d+"$/)
    }
  })

  it('is not for web sites whose name resolves to this machine', async () => {
    expect(await statusWithHost(url, 'evil.test')).toBe(403)
    expect(await statusWithHost(url, 'localhost')).toBe(200)
  })
})

describe('the plugin', () => {
  const neverListening = (home: TestHome) => createServer({ ...emptySite(home), server: { port: 0 } })
  it.each([
    ['vite dev', (home: TestHome) => createServer({ ...emptySite(home), server: { port: 0 } })],
    ['vite dev that never listened', neverListening],
    [
      'middleware mode',
      (home: TestHome) => createServer({ ...emptySite(home), server: { middlewareMode: true } }),
    ],
    ['vite preview', (home: TestHome) => preview({ ...emptySite(home), preview: { port: 0 } })],
  ])('stops following the registry when its Vite closes (%s)', async (_name, start) => {
    await using home = createTestHome()
    const vite = await start(home)
    if ('listen' in vite && vite.httpServer !== null && start !== neverListening) await vite.listen()
    await expect.poll(() => process.getActiveResourcesInfo()).toContain('FSEventWrap')
    await vite.close()
    await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('FSEventWrap')
  })

  it('follows the registry after its Vite restarts, once', async () => {
    await using home = createTestHome()
    await using registry = openRegistry({ home: home.path })
    const vite = await createServer({ ...emptySite(home), server: { port: 0, host: '127.0.0.1' } })
    await vite.listen()
    await vite.restart()
    const { id } = await registry.register({ port: 8080 })
    const url = `${vite.resolvedUrls?.local[0]}api/registry`
    await expect
      .poll(async () => ((await (await fetch(url)).json()) as { servers: unknown[] }).servers)
      .toMatchObject([{ id }])
    await vite.close()
    await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('FSEventWrap')
  })
})

describe('the options of the hub', () => {
  it.each(['*', 'https://app.example/', 'app.example', 'https://*.example', ''])(
    'refuse the origin %j',
    async (origin) => {
      expect(() => wsyard({ origins: [origin] })).toThrow(TypeError)
      await using home = createTestHome()
      await expect(startHub(home, { origins: [origin] })).rejects.toThrow(TypeError)
    },
  )
  it('let other names ask the hub only if hosts has them', async () => {
    await using home = createTestHome()
    const hub = await startHub(home, { hosts: ['Dev.Example'] })
    expect(await statusWithHost(hub.url, 'dev.example:8443')).toBe(200)
    expect(await statusWithHost(hub.url, 'x.dev.example')).toBe(403)
  })
  it('refuse a home together with a registry', () => {
    const registry = openRegistry({ home: '/dev/null/none' })
    expect(() => wsyard({ home: '/dev/null/none', registry })).toThrow(TypeError)
  })
})

/** `fetch` sets the Host header itself. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}
