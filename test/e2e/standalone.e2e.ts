/** The page of `wsyard hub`: opened by its link, it reaches servers that only the hub has the token of. */
import { join } from 'node:path'
import { openRegistry } from '../../src/registry/index.js'
import { createServer } from '../../src/server/index.js'
import { projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { cardOf, expect, test } from './fixtures.js'

const command = join(projectRoot, 'dist/cli/main.js')

async function startHub(home: TestHome, port = '0') {
  const env = { SHIPYARD_HOME: home.path, FORCE_COLOR: '0' }
  const running = home.own(startProcess(process.execPath, [command, 'hub', '--port', port], { env }))
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
  expect(page.url()).not.toContain(token)
  expect(urls.filter((url) => url.replace(link, '').includes(token))).toEqual([])
  expect(urls.filter((url) => url.includes(`:${server.port}`))).toEqual([])

  await page.reload()
  await expect(cardOf(page, server)).toContainText('Connected')
})

test('says what to do when it is opened without the link, or with a wrong one, and takes the right one there', async ({
  home,
  page,
}) => {
  const server = await startTokenServer(home, 'guarded')
  const { link } = await startHub(home)
  await page.goto(new URL('/', link).href)
  await expect(page.getByRole('alert')).toContainText('Open the page by the link that the hub printed')
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

test('is live again by itself when its hub has been started anew (row 25)', async ({ home, page }) => {
  const server = await startTokenServer(home, 'guarded')
  const hub = await startHub(home)
  await page.goto(hub.link)
  await expect(cardOf(page, server)).toContainText('Connected')
  await hub.stop('SIGKILL')
  await expect(page.getByText('Hub lost')).toBeVisible()
  const second = await startTokenServer(home, 'came-meanwhile')
  await startHub(home, new URL(hub.link).port)
  await expect(page.getByText('Hub live')).toBeVisible()
  await expect(cardOf(page, second)).toContainText('Connected')
  await expect(cardOf(page, server)).toContainText('Connected')
})
