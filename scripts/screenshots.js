#!/usr/bin/env node
/**
 * Takes the pictures in docs/images: the built dashboard in each of its states, in light and dark, wide and narrow. Needs a browser
 * named by CHROME_PATH, or one that Playwright finds by itself; `npm run build` comes first.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { openRegistry } from '../dist/registry/index.js'
import { createServer } from '../dist/server/index.js'

/** @typedef {import('@playwright/test').Page} Page */

const root = fileURLToPath(new URL('..', import.meta.url))
const images = join(root, 'docs/images')
const home = mkdtempSync(join(tmpdir(), 'wsyard-screenshots-'))
process.env.SHIPYARD_HOME = home

const browser = await chromium.launch({
  args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  ...(process.env.CHROME_PATH === undefined ? {} : { executablePath: process.env.CHROME_PATH }),
})
/** @type {import('node:child_process').ChildProcess[]} */
const children = []
const registry = openRegistry({ home })

/** Starts a hub of its own. Returns the link that it prints. */
async function startHub() {
  const hub = start(['dist/cli/main.js', 'hub', '--port', '0'])
  let text = ''
  for await (const chunk of hub.stdout) {
    text += chunk
    const [, link] = /Open\s+(http\S+)/.exec(text) ?? []
    if (link !== undefined) return { hub, link }
  }
  throw new Error(`The hub did not start:\n${text}`)
}

/** @param {string[]} command */
function start(command) {
  const env = { ...process.env, NO_COLOR: '1' }
  const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

/** @param {string} name */
async function startServer(name) {
  const child = start(['examples/echo/server.js', '--name', name])
  await once(child.stdout, 'data')
  return child
}

const { link } = await startHub()
const light = { colorScheme: /** @type {const} */ ('light') }
const dark = { colorScheme: /** @type {const} */ ('dark') }
const narrow = { ...dark, viewport: { width: 360, height: 760 } }

/**
 * @param {string} name
 * @param {import('@playwright/test').BrowserContextOptions} options
 * @param {(page: Page) => Promise<unknown>} prepare
 */
async function take(name, options, prepare, url = link) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  await page.goto(url)
  await prepare(page)
  await page.screenshot({ path: join(images, `${name}.png`) })
  await context.close()
}

await take('empty', light, (page) => page.getByText('No servers are running').waitFor())
await take('token', light, (page) => page.getByText('asks for a token').waitFor(), new URL('/', link).href)

const workers = await Promise.all(['worker-a', 'worker-b', 'crdt-notes'].map(startServer))
await createServer({
  registry,
  name: 'agent-planner',
  meta: { role: 'agent', session: 'refactor the parser', tools: ['grep', 'edit', 'test'] },
  onConnection(socket) {
    let step = 0
    const timer = setInterval(() => {
      step += 1
      const plan = {
        type: 'step',
        step,
        tool: 'grep',
        args: { pattern: 'parse\\w+', path: 'src' },
        matches: step * 7,
      }
      socket.send(JSON.stringify(plan))
    }, 150)
    socket.on('close', () => clearInterval(timer))
  },
})
await createServer({
  registry,
  name: 'closer',
  auth: 'open',
  onConnection: (socket) => socket.close(4003, 'no session'),
})

/** @param {Page} page */
const talk = async (page) => {
  await page.getByText('4 connected').waitFor()
  await page.waitForTimeout(4500) // for figures that take some seconds to have a course
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await page.getByText(/Echo/).nth(2).waitFor()
}
/** @param {Page} page */
const look = async (page) => {
  await talk(page)
  await page.keyboard.press('2')
  await page.keyboard.press('p')
  await page.getByRole('log').getByRole('option').filter({ hasText: '"type":"step"' }).last().click()
  await page.getByRole('table').getByRole('button', { name: 'agent-planner' }).click()
}
await take('light', light, talk)
await take('dark', dark, look)
await take('table', { ...light, viewport: { width: 1440, height: 800 } }, async (page) => {
  await talk(page)
  await page.keyboard.press('2')
})
await take('narrow', narrow, talk)
await take('panel', light, async (page) => {
  await talk(page)
  await page.getByRole('button', { name: 'closer', exact: true }).click()
  await page.locator('.incidents li').first().waitFor()
})
await take('keys', dark, async (page) => {
  await talk(page)
  await page.keyboard.press('?')
})
await take('timeline', dark, async (page) => {
  await page.getByText('4 connected').waitFor()
  await page.keyboard.press('3')
  await page.getByText('1 min', { exact: true }).first().click()
  for (let run = 0; run < 4; run += 1) {
    const server = await startServer('flapping')
    await page.waitForTimeout(2500)
    server.kill(run % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
    await page.waitForTimeout(1500)
  }
})
const lost = await startHub()
await take(
  'hub-lost',
  light,
  async (page) => {
    await talk(page)
    lost.hub.kill('SIGKILL')
    await page.getByRole('alert').waitFor()
  },
  lost.link,
)
await take('disconnected', dark, async (page) => {
  await talk(page)
  workers[1]?.kill('SIGKILL')
  await page.getByText('Its process has ended').waitFor()
})

for (const child of children) child.kill('SIGKILL')
await registry.close()
await browser.close()
rmSync(home, { recursive: true, force: true })
process.exit()
