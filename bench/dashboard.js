#!/usr/bin/env node
/**
 * The dashboard in a real browser: under a flood of messages beside a page that only counts them, its log scrolled, and with a
 * thousand servers. What it weighs is `npm run check:size`'s to say.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startPageServer, startScript } from './browser.js'
import { end, heard } from './child.js'
import { withPlainBrowser } from './plain-browser.js'
import { median, table } from './statistics.js'

/** @typedef {import('./plain-browser.js').Page} Page */

const seconds = Number(process.env.SECONDS ?? 30)
const servers = Number(process.env.SERVERS ?? 100)
const perSecond = Number(process.env.PER_SECOND ?? 100)
const entries = Number(process.env.ENTRIES ?? 1000)
const loads = Number(process.env.LOADS ?? 5)

/** How long a flood lasts before it is looked at. */
const warmUpMs = 3000

/** So many servers a page of Chromium is connected to at most. */
const places = 240

/** How long a server that has gone is still shown, and a bit. */
const goneMs = 9000

/** @type {string[][]} */
const figures = []
/** @param {[what: string, measured: string, asked: string]} figure */
const note = (...figure) => {
  figures.push(figure)
  console.error(figure.join(' | '))
}

await withHub(async (home, url, start) => {
  const source = start('flood-servers.js', home, `${servers}`, `${perSecond}`)
  await heard(source, source, 'message')
  await withPlainBrowser(async (open) => {
    const bare = await measureFlood(source, await open(url), countOnly, seconds * 1000)
    await bare.page.close()
    const page = await open(`${url}__wsyard/`)
    const { taken, frames, sent, heaps } = await measureFlood(source, page, undefined, seconds * 1000)
    const inputs = await page.evaluate(() => /** @type {any} */ (window).watch.inputs)
    note(`messages a second, from ${servers} servers`, `${servers * perSecond}`, '10,000')
    note('frames: number, p99, longest', framesText(frames), '')
    note('the same of a page that counts', framesText(bare.frames), '')
    note(
      'longest frame, of the longest of a page that counts',
      `${(Math.max(...frames) / Math.max(...bare.frames)).toFixed(2)} ×`,
      '1.25 ×',
    )
    note(`longest of ${inputs.length} inputs until painted`, `${Math.max(...inputs).toFixed(0)} ms`, '100 ms')
    note(
      'main thread taken, of a page that counts',
      `${(taken * 100).toFixed(0)} %, ${(taken / bare.taken).toFixed(2)} ×`,
      '',
    )
    note(
      'heap before, half-way, at the end',
      heaps.map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`).join(', '),
      'bounded',
    )
    const { rows, wrong } = await page.evaluate(wrongRows, sent)
    note('rows shown wrong, of those exported', `${wrong} of ${rows}`, '0')
    await scroll(page)
  })
})
await withHub(async (home, url, start) => {
  const source = start('many-servers.js', home, `${entries}`)
  await heard(source, source, 'message')
  /** @param {(url: string, script: string) => Promise<Page>} open @param {string} view */
  const load = async (open, view) => {
    const page = await open(`${url}__wsyard/`, `(${watchPaint})(${JSON.stringify(view)})`)
    await page.waitFor(() => /** @type {any} */ (window).paintedAt)
    const paintedAt = await page.evaluate(() => /** @type {any} */ (window).paintedAt)
    return { page, paintedAt }
  }
  // The hub has only just heard of all of them.
  await withPlainBrowser(async (open) => {
    await load(open, 'cards')
  })
  for (const view of ['cards', 'table']) {
    /** @type {number[]} */
    const paints = []
    for (let number = 0; number < loads; number += 1)
      await withPlainBrowser(async (open) => {
        const { page, paintedAt } = await load(open, view)
        paints.push(paintedAt)
        if (number < loads - 1) return
        const connected = Math.min(entries, places)
        await page.waitFor((count) => document.body.innerText.includes(`${count} connected`), connected)
        await setTimeout(warmUpMs)
        const idle = await busyMs(page, () => setTimeout(6000))
        // The others have no name, and stand as `server-…`.
        for (const [name, what] of Object.entries({ z: 'out of sight', a: 'that moves all' })) {
          const busy = await busyMs(page, async () => {
            const changing = start('register-now-and-then.js', home, name, '10', '350')
            await heard(changing, changing, 'message')
            await setTimeout(goneMs)
          })
          note(
            `${entries} as ${view}: main thread for one change ${what}`,
            `${((busy.ms - (idle.ms * busy.tookMs) / idle.tookMs) / 20).toFixed(1)} ms`,
            '16 ms',
          )
        }
      })
    note(
      `${entries} as ${view}: shown after`,
      `${median(paints).toFixed(0)} ms (${Math.max(...paints).toFixed(0)} at most)`,
      '500 ms',
    )
  }
})
console.log(table(['figure', 'measured', 'asked'], figures))

/** A hub with children beside it, for as long as it takes. */
async function withHub(
  /** @type {(home: string, url: string, start: typeof startScript) => Promise<void>} */ run,
) {
  const home = mkdtempSync(join(tmpdir(), 'wsyard-bench-'))
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = []
  try {
    const { child, url } = await startPageServer(home)
    children.push(child)
    await run(home, url, (...script) => {
      const started = startScript(...script)
      children.push(started)
      return started
    })
  } finally {
    await Promise.all(children.map(end))
    rmSync(home, { recursive: true, force: true })
  }
}

/**
 * One page under the flood, from when it is connected to all.
 * @param {import('node:child_process').ChildProcess} source
 * @param {Page} page
 * @param {((count: number) => Promise<void>) | undefined} prepare what makes a page of it that connects
 * @param {number} ms
 */
async function measureFlood(source, page, prepare, ms) {
  if (prepare === undefined) {
    await page.waitFor((count) => document.body.innerText.includes(`${count} connected`), servers)
    await page.evaluate(() =>
      /** @type {any} */ (document.querySelector('.messages .toolbar button:last-of-type')).click(),
    )
  } else {
    await page.waitFor(() => 'wsyard' in window)
    await page.evaluate(prepare, servers)
  }
  const heaps = [await heap(page)]
  source.send('start')
  await setTimeout(warmUpMs)
  await page.evaluate(watchFrames)
  const busy = busyMs(page, () => setTimeout(ms))
  const typing = prepare === undefined ? type(page, ms) : undefined
  await setTimeout(ms / 2)
  heaps.push(await heapInUse(page))
  const { ms: takenMs, tookMs } = await busy
  await typing
  /** @type {number[]} */
  const frames = await page.evaluate(readFrames)
  source.send('stop')
  /** @type {number} */
  const sent = await heard(source, source, 'message')
  heaps.push(await heap(page))
  return { page, taken: takenMs / tookMs, frames, sent, heaps }
}

/** Writes into the filter and the message, as a person would, all the time. */
async function type(/** @type {Page} */ page, /** @type {number} */ ms) {
  const until = performance.now() + ms
  for (let round = 0; performance.now() < until; round += 1) {
    const field = round % 2 === 0 ? '#message-filter' : '.composer textarea'
    await page.evaluate((selector) => document.querySelector(selector).focus(), field)
    for (const key of ['s', 'e', 'q', 'Backspace', 'Backspace', 'Backspace']) {
      const isLetter = key.length === 1
      const code = isLetter ? { text: key } : { windowsVirtualKeyCode: 8, code: key }
      await page.send('Input.dispatchKeyEvent', { type: isLetter ? 'keyDown' : 'rawKeyDown', key, ...code })
      await page.send('Input.dispatchKeyEvent', { type: 'keyUp', key, ...code })
      await setTimeout(120)
    }
  }
}

async function scroll(/** @type {Page} */ page) {
  await page.evaluate(() => {
    const filter = /** @type {any} */ (document.querySelector('#message-filter'))
    filter.value = ''
    filter.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await setTimeout(1000)
  const { x, y, rows } = await page.evaluate(() => {
    const box = /** @type {any} */ (document.querySelector('.log-rows')).getBoundingClientRect()
    return { x: box.x + 200, y: box.y + 60, rows: document.querySelector('.messages .tally')?.textContent }
  })
  await page.evaluate(watchFrames)
  const startedAt = performance.now()
  for (const direction of [1, -1, 1]) {
    const gesture = { x, y, yDistance: direction * 12_000, speed: 6000, gestureSourceType: 'mouse' }
    await page.send('Input.synthesizeScrollGesture', gesture)
  }
  const tookMs = performance.now() - startedAt
  /** @type {number[]} */
  const frames = await page.evaluate(readFrames)
  const rate = (frames.length / tookMs) * 1000
  note(
    `frames a second while ${rows} rows are scrolled`,
    `${rate.toFixed(0)}, longest ${Math.max(...frames).toFixed(0)} ms`,
    '50',
  )
}

/**
 * How long the page's main thread computes during some work, in milliseconds of its own: what else the machine does is not in it.
 * @param {Page} page
 * @param {() => Promise<unknown>} work
 */
async function busyMs(page, work) {
  await page.send('Performance.enable', { timeDomain: 'threadTicks' })
  const read = async () => {
    const { metrics } = await page.send('Performance.getMetrics')
    const seconds = metrics.find((/** @type {any} */ { name }) => name === 'TaskDuration')?.value ?? 0
    return { ms: seconds * 1000, at: performance.now() }
  }
  const before = await read()
  await work()
  const after = await read()
  return { ms: after.ms - before.ms, tookMs: after.at - before.at }
}

/** @param {readonly number[]} frames */
function framesText(frames) {
  return `${frames.length}, ${percentile(frames, 0.99).toFixed(0)} ms, ${Math.max(...frames).toFixed(0)} ms`
}

/** Bytes, after what can be thrown away has been. */
async function heap(/** @type {Page} */ page) {
  await page.send('HeapProfiler.collectGarbage')
  return heapInUse(page)
}

/** Bytes, with what is yet to be thrown away: cleaning up takes the page a while. */
async function heapInUse(/** @type {Page} */ page) {
  const { usedSize } = await page.send('Runtime.getHeapUsage')
  return usedSize
}

/** @param {readonly number[]} values @param {number} part */
function percentile(values, part) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? 0
}

// What follows runs in the page.

/** A page that does no more than count, and write the count down. */
async function countOnly(/** @type {number} */ count) {
  const { wsyard } = /** @type {any} */ (window)
  const client = wsyard.createLiteClient()
  let messages = 0
  client.on('message', () => {
    messages += 1
  })
  client.connectAll()
  await new Promise((resolve) => {
    client.on('updated', () => {
      const connected = client.servers.filter(
        (/** @type {any} */ server) => server.connection === 'connected',
      )
      if (connected.length === count) resolve(undefined)
    })
  })
  const show = () => {
    document.body.textContent = `${messages}`
    requestAnimationFrame(show)
  }
  show()
}

function watchFrames() {
  const watch = { frames: /** @type {number[]} */ ([]), inputs: /** @type {number[]} */ ([]), isOn: true }
  let before = performance.now()
  const onFrame = () => {
    const now = performance.now()
    watch.frames.push(now - before)
    before = now
    if (watch.isOn) requestAnimationFrame(onFrame)
  }
  requestAnimationFrame(onFrame)
  const observer = new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries())
      if (name === 'keydown' || name === 'input') watch.inputs.push(duration)
  })
  observer.observe(/** @type {any} */ ({ type: 'event', durationThreshold: 16 }))
  Object.assign(window, { watch })
}

function readFrames() {
  const { watch } = /** @type {any} */ (window)
  watch.isOn = false
  return watch.frames
}

/** What the log has, against what was sent: each server's messages in their order, none missing, up to its last. */
async function wrongRows(/** @type {number} */ sent) {
  /** @type {Blob | undefined} */
  let file
  URL.createObjectURL = (blob) => {
    file = /** @type {Blob} */ (blob)
    return '#'
  }
  for (const button of document.querySelectorAll('button'))
    if (button.textContent === 'Export') button.click()
  const lines = (await file?.text())?.trim().split('\n') ?? []
  const last = new Map()
  let wrong = 0
  for (const line of lines) {
    const { server: label, text } = JSON.parse(line)
    const { server, seq } = JSON.parse(text)
    const before = last.get(server)
    if (label !== `flood-${server}` || (before !== undefined && seq !== before + 1)) wrong += 1
    last.set(server, seq)
  }
  for (const seq of last.values()) if (seq !== sent - 1) wrong += 1
  return { rows: lines.length, wrong }
}

/** @param {string} view */
function watchPaint(view) {
  localStorage.setItem('wsyard.view', JSON.stringify(view))
  const observer = new MutationObserver(() => {
    if (document.querySelector('[data-server-id]') === null) return
    observer.disconnect()
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => Object.assign(window, { paintedAt: performance.now() })
      port2.postMessage('after the frame')
    })
  })
  observer.observe(document, { childList: true, subtree: true })
}
