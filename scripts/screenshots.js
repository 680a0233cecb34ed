#!/usr/bin/env node
/**
 * Takes the pictures in docs/images: the page with servers, in light and dark, narrow, empty and without its hub.
 * Needs a browser named by CHROME_PATH, or one that Playwright finds by itself.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { createServer } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const images = join(root, 'docs/images')
const home = mkdtempSync(join(tmpdir(), 'wsyard-screenshots-'))
process.env.SHIPYARD_HOME = home

const vite = await createServer({ root: join(root, 'dashboard'), logLevel: 'error', server: { port: 0 } })
await vite.listen()
const url = String(vite.resolvedUrls?.local[0])
const browser = await chromium.launch({
  args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  ...(process.env.CHROME_PATH === undefined ? {} : { executablePath: process.env.CHROME_PATH }),
})

/** @param {string} name */
async function startServer(name) {
  const child = spawn(process.execPath, ['examples/echo/server.js', '--name', name], {
    cwd: root,
    stdio: 'pipe',
  })
  await once(child.stdout, 'data')
  return child
}

/**
 * @param {string} name
 * @param {import('@playwright/test').BrowserContextOptions} options
 * @param {(page: import('@playwright/test').Page) => Promise<unknown>} prepare
 */
async function take(name, options, prepare) {
  const context = await browser.newContext({ viewport: { width: 1120, height: 760 }, ...options })
  const page = await context.newPage()
  await page.goto(url)
  await prepare(page)
  await page.screenshot({ path: join(images, `${name}.png`) })
  await context.close()
}

await take('empty', { colorScheme: 'light' }, (page) => page.getByText('No servers are running').waitFor())

const servers = [await startServer('worker-a'), await startServer('worker-b'), await startServer('worker-c')]
/** @param {import('@playwright/test').Page} page */
const talk = async (page) => {
  await page.getByText('3 connected').waitFor()
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await page.getByText(/Echo/).nth(2).waitFor()
}
await take('light', { colorScheme: 'light' }, talk)
await take('dark', { colorScheme: 'dark' }, talk)
await take('narrow', { colorScheme: 'dark', viewport: { width: 360, height: 760 } }, talk)
await take('hub-lost', { colorScheme: 'light' }, async (page) => {
  await talk(page)
  await page.route('**/api/registry', (route) => route.abort())
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByRole('alert').waitFor()
})
await take('disconnected', { colorScheme: 'dark' }, async (page) => {
  await talk(page)
  servers[1]?.kill('SIGKILL')
  await page.getByText('Disconnected').waitFor()
})

for (const server of servers) server.kill('SIGKILL')
await browser.close()
await vite.close()
rmSync(home, { recursive: true, force: true })
