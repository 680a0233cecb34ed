/** The page for those who use a keyboard, a screen reader, a small screen, or want less movement. */
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import { isLong } from '../../support/length.js'
import { expect, test } from '../fixtures.js'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe-core finds that is serious or critical: by rule, with where. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(await import('node:fs').then(({ readFileSync }) => readFileSync(axePath, 'utf8')))
  return page.evaluate(async () => {
    const axe = (window as unknown as { axe: typeof import('axe-core') }).axe
    const { violations } = await axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
      )
  })
}

const variants = [
  ['light', 1200],
  ['dark', 360],
  ['dark', 1200],
  ['light', 360],
] as const

for (const [colorScheme, width] of isLong ? variants : variants.slice(0, 2))
  test(`axe finds nothing serious in ${colorScheme} at ${width} px, in any view, with none, 3 and 100 servers`, async ({
    page,
    serve,
    startServer,
    url,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 760 })
    const log = page.getByRole('log')
    const inEachView = async () => {
      await page.keyboard.press('1')
      await expect(page.getByRole('list', { name: 'Servers' })).toBeVisible()
      expect(await findings(page), 'cards').toEqual([])
      await page.keyboard.press('2')
      await expect(page.getByRole('table')).toBeVisible()
      expect(await findings(page), 'table').toEqual([])
      await page.keyboard.press('3')
      await expect(page.getByRole('list', { name: 'Timeline' })).toBeVisible()
      expect(await findings(page), 'timeline').toEqual([])
      await page.keyboard.press('1')
    }
    await page.goto(url)
    await expect(page.getByText('No servers are running')).toBeVisible()
    expect(await findings(page)).toEqual([])

    await serve({ name: 'worker-a', meta: { role: 'agent' } })
    await serve({ name: 'closer', onConnection: (socket) => socket.close(4000, 'no') })
    const killed = await startServer('--name', 'killed')
    await expect(page.getByText('2 connected')).toBeVisible()
    await page.getByRole('textbox', { name: 'Message' }).fill('{"type":"hello","list":[1,2]}')
    await page.getByRole('button', { name: 'Send Test Message' }).click()
    await log.getByRole('option').filter({ hasText: 'Sent:' }).first().click()
    await expect(page.getByRole('complementary', { name: 'Message' })).toBeVisible()
    expect(await findings(page), 'a message').toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'closer', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'closer', level: 2 })).toBeVisible()
    expect(await findings(page), 'a panel').toEqual([])
    await page.keyboard.press('Escape')
    await inEachView()
    await killed.stop('SIGKILL')
    await expect(page.locator('.gone')).toBeVisible()
    expect(await findings(page), 'one that is gone').toEqual([])
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog')).toBeVisible()
    expect(await findings(page), 'the keys').toEqual([])
    await page.keyboard.press('Escape')

    await Promise.all(Array.from({ length: 98 }, (_, number) => serve({ name: `worker-${number}` })))
    await expect(page.getByText('99 connected')).toBeVisible()
    await page.getByRole('button', { name: 'Send Test Message' }).click()
    await inEachView()
  })

test('everything is reached by keys, which are shown by one', async ({ page, serve, url }) => {
  await serve({ name: 'worker-a' })
  await page.goto(url)
  await expect(page.getByText('1 connected')).toBeVisible()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keys' })
  await expect(help).toContainText('Pause or resume the messages')
  await page.keyboard.press('Escape')
  await expect(help).toBeHidden()

  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox', { name: 'Filter servers' })).toBeFocused()
  await page.keyboard.type('3 w/x')
  await expect(page.getByRole('searchbox', { name: 'Filter servers' }), 'keys are text there').toHaveValue(
    '3 w/x',
  )
  await page.getByRole('searchbox', { name: 'Filter servers' }).fill('')
  await page.keyboard.press('Tab')
  await page.getByRole('button', { name: 'worker-a', exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'worker-a', level: 2 })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'worker-a', exact: true })).toBeFocused()

  await page.keyboard.press('m')
  await page.keyboard.type('by key')
  await page.keyboard.press('Enter')
  const log = page.getByRole('log')
  await expect(log.getByRole('option').filter({ hasText: 'Sent: Hello from browser!by key' })).toBeVisible()
  await log.getByRole('listbox').focus()
  await page.keyboard.press('ArrowUp')
  const message = page.getByRole('complementary', { name: 'Message' })
  await expect(message).toContainText('Received from worker-a')
  await page.keyboard.press('ArrowUp')
  await expect(message).toContainText('Sent to worker-a')
  await expect(log.getByRole('option', { selected: true })).toContainText('Sent:')
  await page.keyboard.press('Escape')
  await expect(message).toHaveCount(0)
  await page.keyboard.press('p')
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible()
  await page.keyboard.press('x')
  await expect(log).toContainText('Nothing said yet')

  const splitter = page.getByRole('separator', { name: 'Height of the servers' })
  await splitter.focus()
  await page.keyboard.press('ArrowDown')
  await expect(splitter).toHaveAttribute('aria-valuenow', '48')
})

test('of many servers each is reached by keys alone, though few are in the page at a time', async ({
  page,
  serve,
  url,
}) => {
  await Promise.all(Array.from({ length: 60 }, (_, number) => serve({ name: `worker-${number}` })))
  await page.goto(url)
  await expect(page.getByText('60 connected')).toBeVisible()
  expect(await page.locator('.card').count()).toBeLessThan(40)
  await page.keyboard.press('/')
  const reached: string[] = []
  while (reached.at(-1) !== 'worker-59' && reached.length < 200) {
    await page.keyboard.press('Tab')
    reached.push(await page.evaluate(() => document.activeElement?.textContent ?? ''))
  }
  const names = reached.filter((text) => text.startsWith('worker-'))
  expect(names).toEqual(Array.from({ length: 60 }, (_, number) => `worker-${number}`))
})

test('a key in the moment after the help was closed is a command', async ({ page, serve, url }) => {
  await serve({ name: 'worker-a' })
  await page.goto(url)
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keys' })
  await expect(help.getByRole('checkbox')).toBeFocused()
  await help.evaluate((dialog: HTMLDialogElement) => {
    dialog.close()
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true }))
  })
  await expect(page.getByRole('searchbox', { name: 'Filter servers' })).toBeFocused()
})

test('single keys can be switched off, and stay off', async ({ page, serve, url }) => {
  await serve({ name: 'worker-a' })
  await page.goto(url)
  await expect(page.getByText('1 connected')).toBeVisible()
  await page.getByRole('button', { name: 'Keys' }).click()
  await page.getByLabel('Single keys are commands').uncheck()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await page.reload()
  await expect(page.getByText('1 connected')).toBeVisible()
  await page.keyboard.press('2')
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByRole('table')).toHaveCount(0)
})

test('what comes and goes is said to those who do not see it', async ({ page, serve, url }) => {
  await page.goto(url)
  const news = page.getByRole('status', { name: 'News' })
  const server = await serve({ name: 'worker-a', onConnection: (socket) => socket.send('hello') })
  await expect(news).toContainText('Found worker-a.')
  await server.close()
  await expect(news).toContainText('Gone: worker-a.')
})

test('light and dark follow the system until somebody chooses, and the choice is kept', async ({
  page,
  url,
}) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto(url)
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const dark = await background()
  await page.getByRole('button', { name: 'Theme' }).click()
  await expect.poll(background).not.toBe(dark)
  await page.reload()
  expect(await background()).not.toBe(dark)
})

test('at 360 pixels nothing is cut off at the side, in any view', async ({ page, serve, url }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  await serve({ name: `worker-${'w'.repeat(100)}`, meta: { role: 'agent' } })
  await page.goto(url)
  await expect(page.getByText('1 connected')).toBeVisible()
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await expect(page.getByRole('log').getByRole('option')).toHaveCount(3)
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  for (const key of ['1', '2', '3']) {
    await page.keyboard.press(key)
    expect(await overflow()).toBe(0)
  }
  await page.locator('.servers button.name').first().click()
  await expect(page.locator('.panel')).toBeVisible()
  expect(await overflow()).toBe(0)
})

test('nothing moves while the page is loaded and servers come', async ({ page, serve, startServer, url }) => {
  await page.addInitScript(() => {
    const shifts: number[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value)
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await serve({ name: 'worker-a' })
  await page.goto(url)
  await expect(page.getByText('1 connected')).toBeVisible()
  await serve({ name: 'worker-b' })
  const third = await startServer()
  await expect(page.getByText('3 connected')).toBeVisible()
  await third.stop('SIGKILL')
  await expect(page.getByText('2 connected')).toBeVisible()
  const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)
  expect(shifts.reduce((sum, value) => sum + value, 0)).toBeLessThan(0.01)
})

test('nothing moves by itself for those who want less movement', async ({ page, startServer, url }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const server = await startServer()
  await page.goto(url)
  await expect(page.getByText('1 connected')).toBeVisible()
  await server.stop('SIGKILL')
  await expect(page.locator('.gone')).toBeVisible()
  const running = await page.evaluate(
    () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
  )
  expect(running).toBe(0)
})
