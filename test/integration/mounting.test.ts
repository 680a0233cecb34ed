/** The examples of docs/guide/hub.md, run as they stand there, and a hub behind HTTPS and HTTP/2. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { join } from 'node:path'
import basicSsl from '@vitejs/plugin-basic-ssl'
import { createServer as createVite } from 'vite'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { openRegistry } from '../../src/registry/index.js'
import { createServer } from '../../src/server/index.js'
import { wsyard } from '../../src/vite/index.js'
import { createTestHome, projectRoot, startProcess, type TestHome } from '../support/processes.js'

const page = readFileSync(join(projectRoot, 'docs/guide/hub.md'), 'utf8')

/** The script below a heading. */
function example(heading: string): string {
  const section = page.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`))
  const code = /```js\n([\s\S]*?)```/.exec(section ?? '')?.[1]
  if (code === undefined) throw new Error(`The page has no example below "${heading}".`)
  return code
}

/** Runs the example on a port that the system picks. The file must lie in the project, for its imports. */
async function start(home: TestHome, heading: string): Promise<string> {
  const directory = join(projectRoot, 'test-results/examples')
  mkdirSync(directory, { recursive: true })
  const path = join(directory, `${heading.replaceAll(/\W/g, '')}-${process.pid}.js`)
  const ending = `\nif (!server.listening) await new Promise((resolve) => server.once('listening', resolve))\nconsole.log('port', server.address().port)\n`
  writeFileSync(path, example(heading).replace('3000', '0') + ending)
  const running = home.own(startProcess(process.execPath, [path], { env: { SHIPYARD_HOME: home.path } }))
  const [, port = ''] = await running.printed(/^port (\d+)$/m)
  return `127.0.0.1:${port}`
}

/** What the server at the other end says first, or why there is none. */
function greeting(url: string, protocols: string[] = [], options = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, protocols, options)
    socket.on('message', (data) => {
      resolve(String(data))
      socket.close()
    })
    socket.on('error', (error) => resolve(error.message))
  })
}

async function startServer(home: TestHome) {
  const registry = openRegistry({ home: home.path })
  const server = await createServer({
    registry,
    name: 'worker-a',
    onConnection: (socket, { url }) => socket.send(`hello at ${url}`),
  })
  home.onCleanUp(async () => {
    await server.close()
    await registry.close()
  })
  return server
}

describe('docs/guide/hub.md', () => {
  it.each(['`node:http`', 'Express', 'Fastify', 'Hono on Node'])('has a hub in %s', async (heading) => {
    await using home = createTestHome()
    const server = await startServer(home)
    const host = await start(home, heading)
    expect(await (await fetch(`http://${host}/`)).text()).toBe('my page')
    expect(await (await fetch(`http://${host}/api/registry`)).json()).toMatchObject({
      servers: [{ id: server.id }],
    })
    const pushed = await greeting(`ws://${host}/api/registry`, ['wsyard.v1'])
    expect(JSON.parse(pushed)).toMatchObject({ type: 'snapshot', entries: [{ id: server.id }] })
    expect(await greeting(`ws://${host}/api/registry/worker-a/room?x=1`)).toBe('hello at /room?x=1')
    expect(await greeting(`ws://${host}/elsewhere`)).toMatch(/hang up|ECONNRESET/)
    expect(
      (await fetch(`http://${host}/api/registry`, { headers: { origin: 'https://evil.test' } })).status,
    ).toBe(403)
  })
})

describe('a hub in Vite with HTTPS, and so HTTP/2', () => {
  it('answers both versions, and upgrades', async () => {
    await using home = createTestHome()
    const server = await startServer(home)
    const root = join(home.path, '..', 'site')
    mkdirSync(root)
    writeFileSync(join(root, 'index.html'), '<title>a page</title>')
    const vite = await createVite({
      root,
      configFile: false,
      logLevel: 'silent',
      cacheDir: join(root, 'cache'),
      plugins: [basicSsl(), wsyard({ home: home.path })],
      server: { port: 0, host: '127.0.0.1' },
    })
    await vite.listen()
    home.onCleanUp(() => vite.close())
    const url = vite.resolvedUrls?.local[0] ?? ''
    expect(url).toMatch(/^https:/)

    const session = connectHttp2(url, { rejectUnauthorized: false })
    home.onCleanUp(() => session.destroy())
    const ask = (path: string, authority?: string) =>
      new Promise<{ status: number; body: string }>((resolve, reject) => {
        const headers = { ':path': path, ...(authority === undefined ? {} : { ':authority': authority }) }
        const stream = session.request(headers).setEncoding('utf8')
        let [status, body] = [0, '']
        stream.on('response', (answer) => {
          status = answer[':status'] ?? 0
        })
        stream.on('data', (chunk: string) => {
          body += chunk
        })
        stream.on('end', () => resolve({ status, body }))
        stream.on('error', reject)
      })
    const snapshot = await ask('/api/registry')
    expect(snapshot.status).toBe(200)
    expect(JSON.parse(snapshot.body)).toMatchObject({ servers: [{ id: server.id }] })
    expect((await ask('/api/registry', 'evil.test')).status).toBe(403)
    expect(await ask('/__wsyard/')).toMatchObject({ status: 200, body: expect.stringContaining('wsyard') })
    expect((await ask('/__wsyard')).status).toBe(301)
    expect((await ask('/__wsyard/', 'evil.test')).status).toBe(403)
    expect((await ask('/api/registry/worker-a')).status).toBe(426)

    const secure = { rejectUnauthorized: false, origin: url.slice(0, -1) }
    const socketUrl = `${url.replace('https:', 'wss:')}api/registry`
    expect(JSON.parse(await greeting(socketUrl, ['wsyard.v1'], secure))).toMatchObject({ type: 'snapshot' })
    expect(await greeting(`${socketUrl}/worker-a/`, [], secure)).toBe('hello at /')
  })
})
