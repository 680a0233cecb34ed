/** The page of `wsyard hub`: opened by its link, it reaches servers that only the hub has the token of. */
import { dirname, join } from 'node:path'
import { openRegistry } from '../../src/registry/index.js'
import { createServer } from '../../src/server/index.js'
import { projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { cardOf, expect, test } from './fixtures.js'

const command = join(projectRoot, 'dist/bin/wsyard.js')

async function startHub(home: TestHome, args: readonly string[] = [], cwd = projectRoot) {
  const env = { SHIPYARD_HOME: home.path, FORCE_COLOR: '0' }
  const running = home.own(
    startProcess(process.execPath, [command, 'hub', '--port', '0', ...args], { env, cwd }),
  )
  const [, link = ''] = await running.printed(/Open\s+(http:\S+)/)
  return { ...running, link }
}

async function startTokenServer(home: TestHome, name: string) {
  const registry = openRegistry({ home: home.path })
  const server = await createServer({
    registry,
    name,
    onConnection: (socket) => socket.on('message', (data) => socket.send(`${name} heard ${data}`)),
  })
  home.onCleanUp(async () => {
    await server.close()
    await registry.close()
  })
  return server
}

test('connects through the relay to servers that ask for a token, and forgets the link in its address', async ({
  home,
  page,
}) => {
  const server = await startTokenServer(home, 'guarded')
  const { link } = await startHub(home)
  const token = link.split('token=')[1] ?? ''
  const urls: string[] = []
  page.on('request', (request) => urls.push(request.url()))
  page.on('websocket', (socket) => urls.push(socket.url()))
  await page.goto(link)
  await expect(cardOf(page, server)).toContainText('Connected')
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await expect(page.getByRole('log')).toContainText('guarded heard Hello from browser!')
  expect(page.url()).toBe(new URL('/', link).href)
  expect(urls.filter((url) => url.replace(link, '').includes(token))).toEqual([])
  expect(urls.filter((url) => url.includes(`:${server.port}`))).toEqual([])
  const held = await page.evaluate(() => [
    document.cookie,
    ...Object.values(sessionStorage),
    ...Object.values(localStorage),
  ])
  expect(held.join(' ')).not.toMatch(/[\w-]{43}/)
  expect(await page.context().cookies(new URL('/api/registry', link).href)).toMatchObject([
    { name: `wsyard_${new URL(link).port}`, httpOnly: true, sameSite: 'Strict', path: '/api/registry' },
  ])

  await page.reload()
  await expect(cardOf(page, server)).toContainText('Connected')
  // A tab that was not opened by the link, and a WebSocket of no library at all.
  const tab = await page.context().newPage()
  await tab.goto(new URL('/', link).href)
  await expect(cardOf(tab, server)).toContainText('Connected')
  const heard = await tab.evaluate(
    () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/api/registry/guarded`)
        socket.onopen = () => socket.send('a plain one')
        socket.onmessage = ({ data }) => resolve(data)
        socket.onclose = ({ code }) => resolve(code)
      }),
  )
  expect(heard).toBe('guarded heard a plain one')
})

test('says what to do when it is opened without the link, or with a wrong one, and takes the right one there', async ({
  home,
  page,
}) => {
  const server = await startTokenServer(home, 'guarded')
  const { link } = await startHub(home)
  await page.goto(new URL('/', link).href)
  await expect(page.getByRole('alert')).toContainText('Open the link that the hub printed')
  await expect(page.getByText('guarded')).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Servers unknown' })).toBeVisible()
  const field = page.getByRole('textbox', { name: 'Link of the hub' })
  await field.fill('something else')
  await expect(page.getByRole('button', { name: 'Open' })).toBeDisabled()
  await field.fill(`x#token=${'x'.repeat(43)}`)
  await field.press('Enter')
  await expect(page.getByRole('alert')).toContainText('This token is not the one of this hub.')
  await field.fill(link)
  await field.press('Enter')
  await expect(cardOf(page, server)).toContainText('Connected')
  expect(page.url()).not.toContain('token')
})

test('says at the door what is wrong with a link, and goes where the link says within the hub alone', async ({
  home,
  page,
}) => {
  const { link, ...hub } = await startHub(home)
  await page.goto(link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))
  await expect(page.getByRole('status')).toHaveText(/^This is not the token\. Open the link/)
  await page.goto('about:blank')
  await page.goto(link.replace(/#.*/, ''))
  await expect(page.getByRole('status')).toHaveText(/^A token is needed here\./)
  const { origin } = new URL(link)
  for (const [to, expected] of [
    ['/__wsyard/', `${origin}/__wsyard/`],
    ['https://evil.test/', `${origin}/`],
    ['//evil.test/', `${origin}/`],
    ['/\\evil.test/', `${origin}/`],
    ['javascript:alert(1)', `${origin}/`],
    ['http://[', `${origin}/`],
  ] as const) {
    await page.goto('about:blank')
    await page.goto(link.replace('#', `?to=${encodeURIComponent(to)}#`))
    await page.waitForURL(expected)
  }
  await page.goto('about:blank')
  await page.route('**/enter', async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    await hub.stop('SIGKILL')
    await route.continue()
  })
  await page.goto(link)
  await expect(page.getByRole('status')).toHaveText('The hub does not answer. Is it still running?')
})

test('is live again by itself when its hub has been started anew (row 25)', async ({ home, page }) => {
  const server = await startTokenServer(home, 'guarded')
  const hub = await startHub(home)
  await page.goto(hub.link)
  await expect(cardOf(page, server)).toContainText('Connected')
  await hub.stop('SIGKILL')
  await expect(page.getByText('Hub lost')).toBeVisible()
  const second = await startTokenServer(home, 'came-meanwhile')
  await startHub(home, ['--port', new URL(hub.link).port])
  await expect(page.getByText('Hub live')).toBeVisible()
  await expect(cardOf(page, second)).toContainText('Connected')
  await expect(cardOf(page, server)).toContainText('Connected')
})

test('serves a built page from a directory with nothing else, which speaks with every server by the relay', async ({
  home,
  page,
}) => {
  const directory = dirname(home.path)
  const vite = join(projectRoot, 'node_modules/vite/bin/vite.js')
  const example = join(projectRoot, 'examples/vite-react')
  const args = [vite, 'build', example, '--outDir', join(directory, 'dist')]
  // A Vite server that another test had in this process leaves it as "development".
  const build = startProcess(process.execPath, args, { env: { NODE_ENV: 'production' } })
  expect(await build.ended, build.output()).toBe(0)
  const names = ['first', 'second', 'third']
  const servers = await Promise.all(names.map((name) => startTokenServer(home, name)))
  const { link } = await startHub(home, ['dist'], directory)
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))
  await page.goto(link)
  for (const { port } of servers) {
    const button = page.getByRole('navigation').getByRole('button', { name: `port ${port}` })
    await expect(button).toContainText('connected')
  }
  await page.getByLabel('Message').fill('to all')
  await page.getByRole('button', { name: 'Send' }).click()
  for (const name of names) await expect(page.getByRole('log')).toContainText(`${name} heard to all`)
  const { host } = new URL(link)
  expect(sockets.sort()).toEqual(
    ['', ...servers.map(({ id }) => `/${id}`)].sort().map((path) => `ws://${host}/api/registry${path}`),
  )
})
