/** The log of all messages, one of them looked at closely, and what is said to servers. */
import { readFileSync } from 'node:fs'
import type { Locator, Page } from '@playwright/test'
import type { Serve } from '../../support/serve.js'
import { expect, test } from '../fixtures.js'

const log = (page: Page) => page.getByRole('log')
const rows = (page: Page) => log(page).getByRole('option')
const detail = (page: Page) => page.getByRole('complementary', { name: 'Message' })

/** A page that is connected to two servers, which echo. */
async function open(page: Page, serve: Serve, url: string): Promise<Locator> {
  await serve({ name: 'worker-a' })
  await serve({ name: 'worker-b' })
  await page.goto(url)
  await expect(page.getByText('2 connected')).toBeVisible()
  return page.getByRole('textbox', { name: 'Message' })
}

async function send(field: Locator, text: string): Promise<void> {
  await field.fill(text)
  await field.press('Enter')
}

test('the log is filtered by text, by server and by direction', async ({ page, serve, url }) => {
  const field = await open(page, serve, url)
  await send(field, 'one fish')
  await send(field, 'two birds')
  await expect(rows(page)).toHaveCount(10)
  await page.getByRole('searchbox', { name: 'Filter messages' }).fill('FISH')
  await expect(rows(page)).toHaveCount(4)
  await page.getByLabel('Server', { exact: true }).focus()
  await page.getByLabel('Server', { exact: true }).selectOption('worker-a')
  await expect(rows(page)).toHaveCount(2)
  await page.getByRole('checkbox', { name: 'Sent' }).uncheck({ force: true })
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page)).toContainText('worker-aone fish')
  await page.getByRole('searchbox', { name: 'Filter messages' }).fill('(')
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(rows(page)).toHaveCount(10)
})

test('the log can be paused, goes on unseen, and is cleared', async ({ page, serve, url }) => {
  const field = await open(page, serve, url)
  await page.getByRole('button', { name: 'Pause' }).click()
  await send(field, 'unseen')
  await expect(page.getByRole('button', { name: 'Resume, 4 new' })).toBeVisible()
  await expect(log(page)).not.toContainText('unseen')
  await page.getByRole('button', { name: /^Resume/ }).click()
  await expect(rows(page)).toHaveCount(6)
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(log(page)).toContainText('Nothing said yet')
})

test('what is said is exported as one JSON object a line', async ({ page, serve, url }) => {
  const field = await open(page, serve, url)
  await send(field, 'hello')
  await page
    .getByRole('button', { name: 'File' })
    .or(page.getByText('File', { exact: true }))
    .click()
  await page
    .getByLabel('File to send as one binary message')
    .setInputFiles({ name: 'a.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 255, 10]) })
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await expect(rows(page).filter({ hasText: '00 ff 0a' })).toHaveCount(4)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).click()
  const lines = readFileSync(await (await download).path(), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toHaveLength(10)
  expect(lines.filter(({ kind, text }) => kind === 'received' && text === 'hello')).toHaveLength(2)
  expect(lines.filter(({ kind, base64 }) => kind === 'received' && base64 === 'AP8K')).toHaveLength(2)
  expect(lines[0]).toEqual({
    at: expect.stringMatching(/^\d{4}-.+Z$/),
    kind: 'event',
    id: expect.any(String),
    server: 'worker-a',
    text: 'Found',
  })
})

test('a message is seen whole: JSON folded and searched, as text, and in hex', async ({
  page,
  serve,
  url,
}) => {
  const field = await open(page, serve, url)
  const message = { type: 'plan', steps: [{ tool: 'grep', args: { pattern: 'needle' } }] }
  await send(field, JSON.stringify(message))
  await rows(page)
    .filter({ hasText: /worker-b{"type"/ })
    .click()
  const json = detail(page).locator('.json')
  await expect(json).toContainText('type: "plan"')
  await expect(json).not.toContainText('needle')
  await detail(page).getByRole('searchbox').fill('needle')
  await expect(json).toContainText('1 found')
  await expect(json.locator('mark')).toHaveText('needle')
  await detail(page).getByText('Text', { exact: true }).click()
  await expect(detail(page).locator('pre')).toHaveText(JSON.stringify(message))
  await detail(page).getByText('Hex', { exact: true }).click()
  await expect(detail(page).locator('.hex-line').first()).toContainText(
    '00007b 22 74 79 70 65 22 3a 22 70 6c 61 6e 22 2c 22{"type":"plan","',
  )
  await page.keyboard.press('Escape')
  await expect(detail(page)).toHaveCount(0)
})

test('a message is copied, and one that was sent is sent again to its server', async ({
  context,
  page,
  serve,
  url,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const field = await open(page, serve, url)
  await send(field, 'again')
  await rows(page).filter({ hasText: 'Sent: again' }).first().click()
  await detail(page).getByRole('button', { name: 'Copy' }).click()
  await expect(detail(page).getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('again')
  await detail(page).getByRole('button', { name: 'Send again' }).click()
  await expect(rows(page).filter({ hasText: 'Sent: again' })).toHaveCount(3)
  await expect(rows(page).filter({ hasText: /worker-aagain/ })).toHaveCount(2)
  await expect(rows(page).filter({ hasText: /worker-bagain/ })).toHaveCount(1)
})

test('a message goes to those servers alone that are selected', async ({ page, serve, url }) => {
  const field = await open(page, serve, url)
  await page.getByRole('checkbox', { name: 'Send to worker-b' }).check()
  await expect(page.getByText('to worker-b: 1 server')).toBeVisible()
  await send(field, 'only b')
  await expect(rows(page).filter({ hasText: 'only b' })).toHaveCount(2)
  await expect(rows(page).filter({ hasText: /worker-a.*only b/ })).toHaveCount(0)
  await page.getByRole('button', { name: 'To all' }).click()
  await expect(page.getByText('to all: 2 servers')).toBeVisible()
})

test('what is not JSON is not sent as such, and is said where it goes wrong', async ({
  page,
  serve,
  url,
}) => {
  const field = await open(page, serve, url)
  await page.getByText('JSON', { exact: true }).click()
  await send(field, '{ "a": ')
  await expect(page.getByRole('alert')).toContainText('This is not JSON')
  expect(await rows(page).count()).toBe(2)
  await send(field, '{ "a": 1 }')
  await expect(rows(page)).toHaveCount(6)
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('the arrow keys bring back what was sent before, also after a reload', async ({ page, serve, url }) => {
  const field = await open(page, serve, url)
  for (const text of ['first', 'second']) await send(field, text)
  await field.fill('draft')
  await field.press('ArrowUp')
  await expect(field).toHaveValue('second')
  await field.press('ArrowUp')
  await expect(field).toHaveValue('first')
  await field.press('ArrowDown')
  await field.press('ArrowDown')
  await expect(field).toHaveValue('draft')
  await page.reload()
  await field.press('ArrowUp')
  await expect(field).toHaveValue('second')
  await field.fill('two')
  await field.press('Shift+Enter')
  await expect(field).toHaveValue('two\n')
})

test('a reader who scrolls up stays there, and is taken to the newest by a button', async ({
  page,
  serve,
  url,
}) => {
  let say = (_text: string): void => {}
  await serve({
    name: 'talker',
    onConnection(socket) {
      say = (text) => socket.send(text)
      for (let line = 0; line < 500; line += 1) socket.send(`line ${line}`)
    },
  })
  await page.goto(url)
  await expect(rows(page).filter({ hasText: 'line 499' })).toBeVisible()
  const list = log(page).locator('.log-rows')
  await list.hover()
  await page.mouse.wheel(0, -3000)
  await expect(page.getByRole('button', { name: '↓ Newest' })).toBeVisible()
  const top = await list.evaluate((element) => element.scrollTop)
  say('one more')
  await expect(page.getByRole('heading', { name: 'Messages' }).locator('..')).toContainText('502')
  expect(await list.evaluate((element) => element.scrollTop)).toBe(top)
  await page.getByRole('button', { name: '↓ Newest' }).click()
  await expect(rows(page).filter({ hasText: 'one more' })).toBeVisible()
})
