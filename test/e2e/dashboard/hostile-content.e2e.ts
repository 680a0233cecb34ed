/** Whatever a stranger writes into an entry or a message, the page shows it as text, and stays a page that can be used. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cardOf, expect, test } from '../fixtures.js'

const markup = '<img src=x onerror="window.owned=1"><script>window.owned=1</script><b>bold</b>'
const bidi = 'safe\u202Etxt.exe\u2066\u200B\u0007end'
const written = 'safe\\u{202e}txt.exe\\u{2066}\\u{200b}\\u{7}end'

test('entries are text, with what is not seen written out', async ({ home, page, serve, url }) => {
  const server = await serve({ name: 'ours' })
  const line = { port: server.port, pid: process.pid, startedAt: '2026-01-03T17:42:03.456Z' }
  mkdirSync(home.path, { recursive: true })
  // Names and ids have rules, so that what breaks them does not come this far; meta may be anything.
  writeFileSync(
    home.indexPath,
    JSON.stringify({
      servers: [
        { ...line, id: 'markup', name: markup, meta: { [markup]: markup, [bidi]: bidi } },
        { ...line, id: 'constructor', name: '__proto__' },
        { ...line, id: 'x'.repeat(128), name: 'y'.repeat(128), meta: { long: 'z'.repeat(3000) } },
      ],
    }),
  )
  await page.goto(url)
  await expect(cardOf(page, { id: 'constructor' })).toBeVisible()
  await cardOf(page, { id: 'markup' }).getByRole('button').click()
  await expect(page.locator('.panel .json')).toContainText('onerror=')
  await expect(page.locator('.panel .json')).toContainText(written)
  await page.keyboard.press('2')
  const row = page.locator('.row[data-server-id="markup"]')
  await expect(row).toContainText('onerror=')
  await expect(row).toContainText('safe\\u{202e}txt.exe')
  for (const key of ['3', '1']) {
    await page.keyboard.press(key)
    await expect(page.getByText('constructor').first()).toBeVisible()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
  }
  await cardOf(page, { id: 'constructor' }).getByRole('button').click()
  await expect(page.locator('.panel h2')).toHaveText('constructor')
  expect(await page.locator('.card b, .card img, .panel b, .panel img, .row b, .row img').count()).toBe(0)
  expect(await page.evaluate(() => 'owned' in window)).toBe(false)
})

test('messages are text: markup, signs that turn the line around, a megabyte in a line, JSON of every shape', async ({
  page,
  serve,
  url,
}) => {
  const line = 'ab'.repeat(512 * 1024)
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  const wide = JSON.stringify(
    Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`__proto__${i}`, i])),
  )
  const messages = [markup, bidi, line, deep, wide, `{"__proto__":{"owned":1},"k":${JSON.stringify(markup)}}`]
  await serve({
    name: 'hostile',
    onConnection(socket) {
      for (const message of messages) socket.send(message)
      socket.send(Buffer.alloc(2_000_000, 7))
    },
  })
  await page.goto(url)
  const rows = page.getByRole('log').getByRole('option')
  await expect(rows).toHaveCount(8)
  await expect(rows.nth(1)).toContainText(markup)
  await expect(rows.nth(2)).toContainText(written)
  const message = page.getByRole('complementary', { name: 'Message' })

  await rows.nth(3).click()
  await expect(message).toContainText('1,048,576 characters')
  await expect(message.getByRole('button', { name: /^Show more: 20,000 of 1,048,576/ })).toBeVisible()
  await message.getByText('Hex', { exact: true }).click()
  await expect(message).toContainText('0000061 62 61 62')
  await rows.nth(4).click()
  await expect(message).toContainText('[1]')
  await message.getByRole('searchbox').fill('nothing')
  await expect(message).toContainText('0 found')
  await rows.nth(5).click()
  await expect(message.getByRole('button', { name: 'Show more of 5,000' })).toBeVisible()
  await rows.nth(6).click()
  await expect(message).toContainText('</script><b>bold</b>')
  await rows.nth(7).click()
  await expect(message).toContainText('0000007 07 07 07')
  await expect(page.locator('.hex-line').first()).toBeVisible()
  expect(await page.locator('.hex-line').count()).toBeLessThan(100)
  expect(await page.locator('.log b, .log img, .detail img').count()).toBe(0)
  expect(await page.evaluate(() => 'owned' in window || 'owned' in {})).toBe(false)
})
