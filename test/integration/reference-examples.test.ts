/** The examples of the pages of the subpaths in docs/reference, run as they stand there; those for a browser are in test/client. */
import { once } from 'node:events'
import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { openRegistry, type Registry } from '../../src/registry/index.js'
import { filesOf, type GuideProject, makeProject, type ProjectFile } from '../support/guide-project.js'
import { createTestHome, type TestHome } from '../support/processes.js'
import { readPage } from '../support/reference-page.js'

function open(home: TestHome): Registry {
  const registry = openRegistry({ home: home.path })
  home.onCleanUp(() => registry.close())
  return registry
}

/** A project with the one file that a page shows, and others. */
function projectOf(home: TestHome, subpath: string, ...others: readonly ProjectFile[]): GuideProject {
  const files = filesOf(readPage(subpath))
  expect(files).toHaveLength(1)
  return makeProject(home, [...files, ...others])
}

/** The status of an answer to who asks by this name, which `fetch` does not let one choose. */
async function statusByName(url: string, host: string): Promise<number | undefined> {
  const [response] = await once(request(url, { headers: { host } }).end(), 'response')
  response.resume()
  return response.statusCode
}

describe('the example of', () => {
  it('server.md registers itself, sends every message back, and says goodbye', async () => {
    await using home = createTestHome()
    const running = projectOf(home, 'server').start('server.js')
    const [, id, port] = await running.printed(/^(server-\S+) listens at port (\d+)$/m)
    const registry = open(home)
    const [entry, ...others] = await registry.list()
    expect(entry).toMatchObject({ id, port: Number(port), name: 'worker-a', meta: { role: 'worker' } })
    expect(others).toEqual([])

    const headers = { authorization: `Bearer ${entry?.token?.reveal()}` }
    const socket = new WebSocket(`ws://127.0.0.1:${port}/logs`, { headers })
    await once(socket, 'open')
    await running.printed(/^connected at \/logs$/m)
    socket.send('hello')
    expect(String((await once(socket, 'message'))[0])).toBe('hello')

    const closed = once(socket, 'close')
    expect(await running.stop('SIGTERM')).toBe(0)
    expect((await closed)[0]).toBe(1001)
    expect(await registry.list()).toEqual([])
  })

  it('registry.md registers a server, and says who is there, comes and goes', async () => {
    await using home = createTestHome()
    const registry = open(home)
    await registry.register(8080, { name: 'first' })
    const running = projectOf(home, 'registry').start('registry.js')
    const [, names = ''] = await running.printed(/^there are (.*)$/m)
    expect(names.split(', ').sort()).toEqual(['first', 'my-server'])

    const later = await registry.register(8081, { name: 'later' })
    await running.printed(/^added later at port 8081$/m)
    await later.close()
    await running.printed(/^removed later at port 8081$/m)

    expect(await running.stop('SIGTERM')).toBe(0)
    expect(await registry.list()).toMatchObject([{ name: 'first' }])
  })

  it('hub.md shows the registry to who has its token, and leaves other paths alone', async () => {
    await using home = createTestHome()
    const { id } = await open(home).register(8080, { name: 'first' })
    const [[name = '', text = ''] = []] = filesOf(readPage('hub'))
    const ending = "\nserver.on('listening', () => console.log('port', server.address().port))\n"
    const running = makeProject(home, [[name, text.replace('listen(3000', 'listen(0') + ending]]).start(name)
    const [, token = ''] = await running.printed(
      /^The dashboard: http:\/\/127\.0\.0\.1:3000\/__wsyard\/enter\?to=\/__wsyard\/#token=([\w-]{43})$/m,
    )
    const [, port] = await running.printed(/^port (\d+)$/m)
    const url = `http://127.0.0.1:${port}/api/registry`
    expect(await (await fetch(url)).json()).toMatchObject({ error: { code: 'TOKEN_NEEDED' } })

    const headers = { authorization: `Bearer ${token}`, origin: 'https://app.example' }
    const answer = await fetch(url, { headers })
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(await answer.json()).toMatchObject({ servers: [{ id }] })
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('no such page')
    const [refused] = await once(new WebSocket(`ws://127.0.0.1:${port}/`), 'error')
    expect(refused.message).toMatch(/hang up|ECONNRESET/)

    const push = new WebSocket(url.replace('http', 'ws'), ['wsyard.v1', `wsyard.bearer.${token}`])
    const [pushed] = await once(push, 'message')
    expect(JSON.parse(pushed)).toMatchObject({ type: 'snapshot', entries: [{ id }] })
    const closed = once(push, 'close')
    expect(await running.stop('SIGTERM')).toBe(0)
    expect((await closed)[0]).toBe(1001)
  })

  it('vite.md has the registry and the dashboard in Vite, for whom it names', async () => {
    await using home = createTestHome()
    const { id } = await open(home).register(8080, { name: 'first' })
    const url = await projectOf(home, 'vite', ['index.html', '<title>a page</title>']).startVite()
    expect(await (await fetch(url)).text()).toContain('a page')

    const ask = (origin: string) => fetch(`${url}api/registry`, { headers: { origin } })
    const answer = await ask('https://app.example')
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(await answer.json()).toMatchObject({ servers: [{ id }] })
    expect((await ask('https://evil.test')).status).toBe(403)
    expect(await statusByName(`${url}api/registry`, 'box.example')).toBe(200)
    expect(await statusByName(`${url}api/registry`, 'evil.test')).toBe(403)
    expect((await fetch(`${url}__wsyard`, { redirect: 'manual' })).headers.get('location')).toBe('__wsyard/')
  })
})
