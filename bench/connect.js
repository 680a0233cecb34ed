#!/usr/bin/env node
/**
 * How long a page takes from having the list until it is connected to every server that lives: the client, and all at once
 * as in the discovery spike, in a real browser, each load in a context of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchBrowser, startPageServer, startScript } from './browser.js'
import { end, heard } from './child.js'
import { spread, table } from './statistics.js'

const loads = Number(process.env.LOADS ?? 9)

/** @type {[live: number, dead: number][]} */
const cases = [
  [50, 0],
  [50, 20],
  [200, 0],
]

const browser = await launchBrowser()
const rows = []
try {
  for (const [live, dead] of cases) {
    /** @type {Record<string, number[]>} */
    const times = { 'the client': [], 'all at once': [] }
    const home = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
    const children = [
      startScript('many-servers.js', home, `${dead}`, 'dead'),
      startScript('many-servers.js', home, `${live}`),
    ]
    try {
      await Promise.all(children.map((child) => heard(child, child, 'message')))
      const { child, url } = await startPageServer(home)
      children.push(child)
      for (let load = 0; load <= loads; load += 1) {
        for (const [way, list] of Object.entries(times)) {
          const context = await browser.newContext()
          const page = await context.newPage()
          await page.goto(url)
          await page.waitForFunction(() => 'wsyard' in window)
          const ms = await page.evaluate(way === 'the client' ? withClient : allAtOnce, live)
          await context.close()
          if (load > 0) list.push(ms)
        }
      }
    } finally {
      await Promise.all(children.map(end))
      rmSync(home, { recursive: true, force: true })
    }
    for (const [way, list] of Object.entries(times)) rows.push([`${live}`, `${dead}`, way, spread(list, 0)])
  }
} finally {
  await browser.close()
}
console.log(table(['live', 'dead', 'how', 'ms from the list to all connected: median (min–max)'], rows))

/**
 * In the page.
 * @param {number} live
 * @returns {Promise<number>}
 */
function withClient(live) {
  return new Promise((resolve) => {
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
 * In the page.
 * @param {number} live
 * @returns {Promise<number>}
 */
async function allAtOnce(live) {
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
