#!/usr/bin/env node
/**
 * How soon a page reaches a server: from registering until it is connected, against a bare sketch of the same; from a restart
 * under the same name until it talks again; and from SIGKILL until it knows. In a real browser; every time is taken in this
 * process, when the page's first message on the connection, or its report, has come.
 */
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { openRegistry } from '../dist/registry/index.js'
import { launchBrowser, startPageServer, startScript } from './browser.js'
import { end, heard } from './child.js'
import { percentile, table } from './statistics.js'
import { now } from './watching.js'

const samples = Number(process.env.SAMPLES ?? 200)
const warmUp = 20

const home = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
const registry = openRegistry({ home })
const pageServer = await startPageServer(home)
const browser = await launchBrowser()
/** @type {import('node:child_process').ChildProcess[]} */
const children = [pageServer.child]

/** A server that listens, and what is said first on a connection to it. */
async function startServer() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const limit = { signal: AbortSignal.timeout(10_000) }
  const said = once(server, 'connection', limit).then(([socket]) => once(socket, 'message', limit))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const close = () => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  }
  return { server, port, said, close }
}

/** @type {Record<string, () => Promise<number>>} */
const measures = {
  async sketch() {
    const { port, said, close } = await startServer()
    const path = join(home, 'sketch', `${port}-${now()}.json`)
    const start = now()
    writeFileSync(`${path}.tmp`, JSON.stringify({ port }))
    renameSync(`${path}.tmp`, path)
    await said
    const ms = now() - start
    close()
    return ms
  },
  async registered() {
    const { port, said, close } = await startServer()
    const start = now()
    const registering = registry.register({ host: '127.0.0.1', port, auth: 'open' })
    await said
    const ms = now() - start
    await (await registering).close()
    close()
    return ms
  },
  async restarted() {
    const { port, said, close } = await startServer()
    const start = now()
    const registering = registry.register({ name: 'worker', host: '127.0.0.1', port, auth: 'open' })
    await said
    const ms = now() - start
    close()
    await (await registering).close()
    return ms
  },
}

/** @type {Record<string, number[]>} */
const times = { sketch: [], registered: [], restarted: [], killed: [] }
try {
  const reports = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(reports, 'listening')
  const address = reports.address()
  const page = await browser.newPage()
  await page.goto(pageServer.url)
  await page.waitForFunction(() => 'wsyard' in window)
  const reporting = once(reports, 'connection')
  await page.evaluate(inPage, typeof address === 'object' ? (address?.port ?? 0) : 0)
  const [report] = await reporting

  for (let round = -warmUp; round < samples; round += 1) {
    for (const [name, measure] of Object.entries(measures)) {
      const ms = await measure()
      if (round >= 0) times[name]?.push(ms)
      await setTimeout(20 + 30 * Math.random()) // the page has done with it
    }
  }
  for (let round = 0; round < samples / 4; round += 1) {
    const child = startScript('many-servers.js', home, '1')
    children.push(child)
    const [id] = await heard(child, child, 'message')
    await setTimeout(500 + 200 * Math.random()) // connected, and in any phase of the hub's looks
    const told = once(report, 'message', { signal: AbortSignal.timeout(10_000) })
    const start = now()
    child.kill('SIGKILL')
    const [data] = await told
    if (`${data}` !== id) throw new Error(`${data} was reported instead of ${id}`)
    times.killed?.push(now() - start)
  }
  reports.close()
} finally {
  await browser.close()
  await registry.close()
  await Promise.all(children.map(end))
  rmSync(home, { recursive: true, force: true })
}

const { sketch = [], registered = [], restarted = [], killed = [] } = times
const rows = [
  ['a sketch: file, fs.watch, push, new WebSocket', sketch],
  ['from register() to connected', registered],
  ['from register() under the same name again to talking', restarted],
  ['from SIGKILL to gone', killed],
]
console.log(
  table(
    ['', 'samples', 'p50 ms', 'p99 ms', 'p50 of the sketch'],
    rows.map(([what, list]) => {
      const ms = /** @type {number[]} */ (list)
      const [p50, p99] = [percentile(ms, 0.5), percentile(ms, 0.99)]
      const ratio = ms === killed ? '' : (p50 / percentile(sketch, 0.5)).toFixed(2)
      return [`${what}`, `${ms.length}`, p50.toFixed(1), p99.toFixed(1), ratio]
    }),
  ),
)

/**
 * In the page.
 * @param {number} reportPort
 */
async function inPage(reportPort) {
  const report = new WebSocket(`ws://127.0.0.1:${reportPort}/`)
  /** @type {typeof import('../dist/client/index.js')} */
  const { createClient } = Reflect.get(window, 'wsyard')
  const client = createClient()
  client.on('updated', ({ connection, name }) => {
    if (connection === 'connected' && name === undefined) client.broadcast('connected')
  })
  client.on('removed', ({ id, name }, reason) => {
    if (reason === 'exited' && name === undefined) report.send(id)
  })
  client.connectAll({ filter: ({ name }) => name === undefined })
  const worker = client.connect('worker')
  worker.addEventListener('open', () => worker.send('talking'))
  const sketch = new WebSocket(`ws://${location.host}/sketch`)
  sketch.onmessage = ({ data }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${JSON.parse(data).port}/`)
    socket.onopen = () => socket.send('connected')
  }
  await Promise.all([
    new Promise((resolve) => report.addEventListener('open', resolve)),
    new Promise((resolve) => sketch.addEventListener('open', resolve)),
    new Promise((resolve) => client.on('status', (status) => status === 'live' && resolve(undefined))),
  ])
}
