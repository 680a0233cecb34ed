/**
 * Chromium by its own protocol, and nothing of it switched on that is not asked for: Playwright listens to every WebSocket frame of
 * a page, which under a flood of messages costs the page more than the messages do.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { chromium } from '@playwright/test'
import { WebSocket } from 'ws'
import { browserPath } from './browser.js'

/** What of Chromium's answers is read here. */
/** @typedef {any} Answer */

/**
 * @typedef {object} Page
 * @property {(method: string, params?: object) => Promise<Answer>} send
 * @property {<T>(work: (...args: any[]) => T | Promise<T>, ...args: unknown[]) => Promise<T>} evaluate runs a function in the page
 * @property {(condition: (...args: any[]) => unknown, ...args: unknown[]) => Promise<void>} waitFor asks the page until it is true
 * @property {() => Promise<void>} close
 */

/** Launches a browser, and ends it after the work. */
export async function withPlainBrowser(
  /** @type {(open: (url: string, script?: string) => Promise<Page>) => Promise<void>} */ work,
) {
  const profile = mkdtempSync(join(tmpdir(), 'wsyard-browser-'))
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--no-first-run',
    '--window-size=1280,800',
    `--user-data-dir=${profile}`,
    '--remote-debugging-port=0',
    'about:blank',
  ]
  const child = spawn(browserPath() ?? chromium.executablePath(), args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  try {
    let text = ''
    /** @type {string | undefined} */
    let base
    for await (const chunk of child.stderr) {
      text += chunk
      base = /ws:\/\/(127\.0\.0\.1:\d+)/.exec(text)?.[1]
      if (base !== undefined) break
    }
    if (base === undefined) throw new Error(`The browser said nothing of its port:\n${text}`)
    await work((url, script) => openPage(`http://${base}`, url, script))
  } finally {
    const exited = once(child, 'exit')
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL') // with the processes that it has started
    await exited
    rmSync(profile, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 })
  }
}

/**
 * @param {string} browser
 * @param {string} url
 * @param {string} [script] to run in the page before its own
 * @returns {Promise<Page>}
 */
async function openPage(browser, url, script) {
  const response = await fetch(`${browser}/json/new?about:blank`, { method: 'PUT' })
  const { id, webSocketDebuggerUrl } = /** @type {Answer} */ (await response.json())
  const socket = new WebSocket(webSocketDebuggerUrl, { perMessageDeflate: false })
  await once(socket, 'open')
  /** @type {Map<number, (answer: Answer) => void>} */
  const waiting = new Map()
  let last = 0
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data))
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  /** @type {Page['send']} */
  const send = async (method, params = {}) => {
    last += 1
    const number = last
    const { error, result } = await new Promise((resolve) => {
      waiting.set(number, resolve)
      socket.send(JSON.stringify({ id: number, method, params }))
    })
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result
  }
  /** @type {Page['evaluate']} */
  const evaluate = async (run, ...args) => {
    const expression = `(${run})(${args.map((arg) => JSON.stringify(arg)).join()})`
    const { result, exceptionDetails } = await send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? 'failed in the page')
    return result.value
  }
  if (script !== undefined) {
    await send('Page.enable')
    await send('Page.addScriptToEvaluateOnNewDocument', { source: script })
  }
  await send('Page.navigate', { url })
  return {
    send,
    evaluate,
    async waitFor(condition, ...args) {
      while (!(await evaluate(condition, ...args).catch(() => false))) await setTimeout(20)
    },
    async close() {
      await fetch(`${browser}/json/close/${id}`)
      socket.close()
    },
  }
}
