/**
 * How soon pages learn of a server in the discovery spike: a page fetches the file every five seconds, whenever it was
 * opened. Many pages at once, so that a few announcements give many samples.
 */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { addAsSpike } from './spike-file.js'
import { now } from './watching.js'

const pollMs = 5000

/**
 * Milliseconds from before a server's announcement until each page had it.
 * @param {string} path
 * @param {number} pages
 * @param {number} announcements
 */
export async function spikePoll(path, pages, announcements) {
  writeFileSync(path, '{ "servers": [] }')
  const server = createServer((_request, response) => response.end(readFileSync(path))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}/`

  /** @type {number[]} */
  const times = []
  /** @type {Map<string, number>} */
  const announced = new Map()
  const page = async () => {
    const seen = new Set()
    await setTimeout(pollMs * Math.random())
    while (seen.size < announcements) {
      const { servers } = await fetch(url).then((response) => response.json())
      for (const { id } of servers) {
        if (!seen.has(id)) times.push(now() - (announced.get(id) ?? Number.NaN))
        seen.add(id)
      }
      await setTimeout(pollMs)
    }
  }
  const everyPage = Promise.all(Array.from({ length: pages }, page))
  await setTimeout(pollMs) // they are all open
  for (let count = 0; count < announcements; count += 1) {
    const id = `server-${count}`
    announced.set(id, now())
    addAsSpike(path, { id, port: 8080, pid: process.pid })
    await setTimeout(pollMs * Math.random())
  }
  await everyPage
  server.close()
  return times
}
