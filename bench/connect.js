#!/usr/bin/env node
/**
 * How long a page takes from having the list until it is connected to every server that lives: the page of `npm run dev`, the
 * client, a bare page that opens four at a time, and one that opens all at once as in the discovery spike. In a real browser, each load
 * in a context of its own.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { launchBrowser, startPageServer, startScript } from './browser.js'
import { end, heard } from './child.js'
import { median, spread, table } from './statistics.js'

const loads = Number(process.env.LOADS ?? 9)

/** @type {[live: number, dead: number][]} */
const cases = [
  [50, 0],
  [50, 20],
  [200, 0],
]

/** The ways to be connected to all, the first of each round being another one. */
const ways = {
  'npm run dev': withDashboard,
  'the client': withClient,
  'four at a time': fourAtATime,
  'all at once': allAtOnce,
}

const browser = await launchBrowser()
const rows = []
try {
  for (const [live, dead] of cases) {
    /** @type {Map<string, number[]>} */
    const times = new Map(Object.keys(ways).map((way) => [way, []]))
    const home = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
    const children = [
      startScript('many-servers.js', home, `${dead}`, 'dead'),
      startScript('many-servers.js', home, `${live}`),
    ]
    try {
      await Promise.all(children.map((child) => heard(child, child, 'message')))
      const bare = await startPageServer(home)
      const dev = await startDashboard(home)
      children.push(bare.child, dev.child)
      const order = Object.entries(ways)
      for (let load = 0; load <= loads; load += 1) {
        order.push(...order.splice(0, 1))
        for (const [way, connect] of order) {
          const ms = await timeOf(connect === withDashboard ? dev.url : bare.url, connect, live)
          if (load > 0) times.get(way)?.push(ms)
        }
      }
    } finally {
      await Promise.all(children.map(end))
      rmSync(home, { recursive: true, force: true })
    }
    const floor = median(times.get('four at a time') ?? [])
    for (const [way, list] of times)
      rows.push([`${live}`, `${dead}`, way, spread(list, 0), (median(list) / floor).toFixed(2)])
  }
} finally {
  await browser.close()
}
const what = 'ms from the list to all connected: median (min–max)'
console.log(table(['live', 'dead', 'how', what, 'of four at a time'], rows))

/**
 * One load of a page.
 * @param {string} url
 * @param {(live: number) => Promise<number>} connect in the page, as soon as it is there; resolves to the milliseconds
 * @param {number} live
 */
async function timeOf(url, connect, live) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(`window.connected = (${connect})(${live})`)
  await page.goto(url)
  const ms = await page.evaluate(() => /** @type {Promise<number>} */ (Reflect.get(window, 'connected')))
  await context.close()
  return ms
}

/**
 * What `npm run dev` starts.
 * @param {string} home
 */
async function startDashboard(home) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/vite/bin/vite.js'), 'dashboard', '--port', '0'],
    {
      cwd: root,
      env: { ...process.env, SHIPYARD_HOME: home, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  for await (const line of createInterface(child.stdout)) {
    const [url] = /http:\/\/localhost:\d+\//.exec(line) ?? []
    if (url !== undefined) return { child, url }
  }
  throw new Error('Vite ended before it said where it is')
}

/**
 * In the page, before its own scripts: from the first message of the hub until as many are shown as connected.
 * @param {number} live
 * @returns {Promise<number>}
 */
function withDashboard(live) {
  let start = 0
  const Native = WebSocket
  window.WebSocket = class extends Native {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      super(url, protocols)
      if (`${url}`.endsWith('/api/registry'))
        this.addEventListener('message', () => {
          start ||= performance.now()
        })
    }
  }
  return new Promise((resolve) => {
    const look = () => {
      if (document.querySelector('.tally')?.textContent === `${live} connected`)
        resolve(performance.now() - start)
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
}

/**
 * In the page.
 * @param {number} live
 * @returns {Promise<number>}
 */
async function withClient(live) {
  await new Promise((resolve) => addEventListener('load', resolve))
  return await new Promise((resolve) => {
    /** @type {typeof import('../dist/client/index.js')} */
    const { createClient } = Reflect.get(window, 'wsyard')
    const client = createClient()
    let connected = 0
    let start = 0
    client.on('added', () => {
      start ||= performance.now()
    })
    client.on('updated', ({ connection }) => {
      if (connection === 'connected') connected += 1
      if (connected === live) resolve(performance.now() - start)
    })
    client.connectAll()
  })
}

/**
 * In the page: as little as it takes. It is told which ports are those of the living, so that it never waits for another.
 * @param {number} live
 * @returns {Promise<number>}
 */
async function fourAtATime(live) {
  await new Promise((resolve) => addEventListener('load', resolve))
  /** @type {{ servers: { id: string, port: number }[] }} */
  const { servers } = await fetch('/api/registry').then((response) => response.json())
  const start = performance.now()
  const waiting = servers.filter(({ id }) => !id.startsWith('dead-'))
  let connected = 0
  return await new Promise((resolve) => {
    const next = () => {
      const server = waiting.shift()
      if (!server) return
      new WebSocket(`ws://127.0.0.1:${server.port}/`).onopen = () => {
        connected += 1
        if (connected === live) resolve(performance.now() - start)
        next()
      }
    }
    for (let place = 0; place < 4; place += 1) next()
  })
}

/**
 * In the page.
 * @param {number} live
 * @returns {Promise<number>}
 */
async function allAtOnce(live) {
  await new Promise((resolve) => addEventListener('load', resolve))
  const { servers } = await fetch('/api/registry').then((response) => response.json())
  const start = performance.now()
  let connected = 0
  return await new Promise((resolve) => {
    for (const { port } of servers) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
      socket.onopen = () => {
        connected += 1
        if (connected === live) resolve(performance.now() - start)
      }
    }
  })
}
