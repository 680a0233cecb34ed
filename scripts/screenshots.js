#!/usr/bin/env node
/**
 * Takes a picture of the built dashboard in each of its states, light, dark and narrow, into `test-results/screenshots`, and those that
 * the documents show into `docs/images`. Needs a browser named by CHROME_PATH, or one that Playwright finds by itself; `npm run build`
 * comes first.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { openRegistry } from '../dist/registry/index.js'
import { createServer } from '../dist/server/index.js'

/** @typedef {import('@playwright/test').Page} Page */

const root = fileURLToPath(new URL('..', import.meta.url))
const all = join(root, 'test-results/screenshots')
const shown = join(root, 'docs/images')
const home = mkdtempSync(join(tmpdir(), 'wsyard-screenshots-'))
process.env.SHIPYARD_HOME = home

const browser = await chromium.launch({
  args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  ...(process.env.CHROME_PATH === undefined ? {} : { executablePath: process.env.CHROME_PATH }),
})
/** @type {import('node:child_process').ChildProcess[]} */
const children = []
const registry = openRegistry({ home })
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true, maxRetries: 20 })
})

/** Starts a hub of its own. Returns the link that it prints. */
async function startHub() {
  const hub = start(['dist/bin/wsyard.js', 'hub', '--port', '0'])
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

/** @type {readonly (readonly [name: string, scheme: 'light' | 'dark', width: number, height: number])[]} */
const variants = [
  ['light', 'light', 1280, 800],
  ['dark', 'dark', 1280, 800],
  ['narrow-light', 'light', 360, 760],
  ['narrow-dark', 'dark', 360, 760],
]

/** Those that the documents show. */
const chosen = ['talk-light', 'talk-dark', 'message-dark', 'timeline-light', 'hundred-light']

rmSync(all, { recursive: true, force: true })
rmSync(shown, { recursive: true, force: true })
mkdirSync(all, { recursive: true })
mkdirSync(shown, { recursive: true })

const { link } = await startHub()

/**
 * Brings a page into a state, and takes it in each variant.
 * @param {string} state
 * @param {(page: Page) => Promise<unknown>} prepare
 */
async function take(state, prepare, url = link) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByText(/Hub live|Hub lost|Not let in/).waitFor() // the link leads on to the page
  await prepare(page)
  for (const [variant, colorScheme, width, height] of variants) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height })
    await page.evaluate(() => scrollTo(0, 0))
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))
    const name = `${state}-${variant}`
    await page.screenshot({ path: join(all, `${name}.png`) })
    if (chosen.includes(name)) copyFileSync(join(all, `${name}.png`), join(shown, `${name}.png`))
  }
  await context.close()
}

await take('empty', (page) => page.getByText('No servers are running').waitFor())
await take('token', (page) => page.getByText('asks for a token').waitFor(), new URL('/', link).href)
await take('refused', async (page) => {
  const message = 'Origin "http://dev.example" is not the page of this hub: add it to the option origins.'
  const json = { error: { code: 'ORIGIN_NOT_ALLOWED', message } }
  await page.routeWebSocket(/\/api\/registry(\?|$)/, (socket) => socket.close())
  await page.route(/\/api\/registry(\?|$)/, (route) => route.fulfill({ status: 403, json }))
  await page.reload()
  await page.getByRole('alert').waitFor()
})

const workers = await Promise.all(['worker-a', 'worker-b', 'crdt-notes'].map(startServer))
const planner = await createServer({
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
const closer = await createServer({
  registry,
  name: 'closer',
  auth: 'open',
  meta: { role: 'worker' },
  onConnection: (socket) => socket.close(4003, 'no session'),
})

/** @param {Page} page */
const talk = async (page) => {
  await page.getByText('4 connected').waitFor()
  await page.waitForTimeout(9000) // for figures that take some seconds to have a course
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await page.getByText(/Echo/).nth(2).waitFor()
  await page.waitForTimeout(500) // for the log to show what came with it
}
/**
 * Opens a message that holds this.
 * @param {Page} page
 * @param {string} text
 */
const openMessage = async (page, text) => {
  await page.keyboard.press('p')
  await page.getByRole('log').getByRole('option').filter({ hasText: text }).last().click()
}
await take('talk', talk)
await take('table', async (page) => {
  await talk(page)
  await page.keyboard.press('2')
})
await take('message', async (page) => {
  await talk(page)
  await page.keyboard.press('2')
  await openMessage(page, '"type":"step"')
  await page.getByRole('searchbox', { name: 'Search in this message' }).fill('grep')
})
await take('panel', async (page) => {
  await talk(page)
  await page.getByRole('button', { name: 'closer', exact: true }).click()
  await page.locator('.incidents li').first().waitFor()
})
await take('panel-meta', async (page) => {
  await talk(page)
  await page.getByRole('button', { name: 'agent-planner', exact: true }).click()
})
await take('hex', async (page) => {
  await talk(page)
  await page.getByText('File', { exact: true }).click()
  const buffer = Buffer.from(Array.from({ length: 600 }, (_, index) => (index * 37) % 256))
  await page
    .getByLabel('File to send as one binary message')
    .setInputFiles({ name: 'state.bin', mimeType: 'application/octet-stream', buffer })
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await page
    .getByText(/00 25 4a/)
    .first()
    .waitFor()
  await openMessage(page, '00 25 4a')
})
await take('not-json', async (page) => {
  await talk(page)
  await page.getByText('JSON', { exact: true }).click()
  await page.getByRole('textbox', { name: 'Message' }).fill('{ "type": hello }')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
})
await take('no-match', async (page) => {
  await talk(page)
  await page.getByRole('searchbox', { name: 'Filter servers' }).fill('role:nobody')
  await page.getByRole('searchbox', { name: 'Filter messages' }).fill('nothing like it')
  await page.getByText('No server matches').waitFor()
})
await take('keys', async (page) => {
  await talk(page)
  await page.keyboard.press('?')
})
await take('blocked', async (page) => {
  await page.addInitScript(() => {
    window.WebSocket = class extends WebSocket {
      /** @param {string | URL} address @param {string | string[]} [protocols] */
      constructor(address, protocols) {
        if (!String(address).endsWith('/api/registry')) throw new DOMException('blocked', 'SecurityError')
        super(address, protocols)
      }
    }
  })
  await page.reload()
  await page.getByRole('alert').waitFor()
})
/** @type {import('node:child_process').ChildProcess | undefined} */
let last
await take('timeline', async (page) => {
  await page.getByText('4 connected').waitFor()
  await page.keyboard.press('3')
  await page.getByText('1 min', { exact: true }).first().click()
  for (let run = 0; run < 5; run += 1) {
    const server = await startServer('flapping')
    if (run === 1) workers[0]?.kill('SIGSTOP')
    await page.waitForTimeout(3500)
    if (run === 4) {
      last = server
      break
    }
    server.kill(run % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
    await page.waitForTimeout(2000)
    if (run === 3) workers[0]?.kill('SIGCONT')
  }
})
last?.kill('SIGKILL')
const lost = await startHub()
await take(
  'hub-lost',
  async (page) => {
    await talk(page)
    lost.hub.kill('SIGKILL')
    await page.getByRole('alert').waitFor()
  },
  lost.link,
)
await take('gone', async (page) => {
  await talk(page)
  workers[1]?.kill('SIGKILL')
  await planner.close()
  await page.getByText('Its process has ended').waitFor()
})

await closer.close()
const many = ['indexer', 'worker', 'agent', undefined, 'mcp'].flatMap((kind, place) =>
  Array.from({ length: 20 }, (_, number) => {
    const name = kind === undefined ? {} : { name: `${kind}-${number + 1}` }
    const meta = place % 2 === 0 ? { meta: { role: kind ?? '', queue: number } } : {}
    const auth = number % 3 === 0 ? 'token' : 'open'
    return createServer({
      registry,
      ...name,
      ...meta,
      auth,
      onConnection(socket) {
        if (number === 13) socket.close(4003, 'no session')
        socket.on('message', (data) => socket.send(`Echo: ${data}`))
      },
    })
  }),
)
await Promise.all(many)
/** @param {Page} page */
const see = async (page) => {
  await page.getByText(/9\d connected/).waitFor()
  await page.waitForTimeout(9000)
  await page.getByRole('button', { name: 'Send Test Message' }).click()
  await page.waitForTimeout(1000)
}
await take('hundred', see)
await take('hundred-table', async (page) => {
  await see(page)
  await page.keyboard.press('2')
})
await take('hundred-timeline', async (page) => {
  await see(page)
  await page.keyboard.press('3')
})
await take('hundred-missing', async (page) => {
  await see(page)
  await page.getByTitle('Show those that are not connected').click()
})

await registry.close()
await browser.close()
process.exit()
