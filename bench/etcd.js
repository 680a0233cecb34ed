/**
 * A peer of `announce.js`, if one is installed: an etcd of this benchmark's own on free ports, and its JSON API.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { end } from './child.js'

/**
 * Starts `etcd`; undefined when there is no such program.
 * @param {string} directory
 */
export async function startEtcd(directory) {
  const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`]
  const options = {
    'data-dir': directory,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
  }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn('etcd', args, { stdio: 'ignore' })
  try {
    await once(child, 'spawn')
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined
    throw error
  }
  const close = () => end(child)
  for (let tries = 0; tries < 100; tries += 1) {
    const health = await fetch(`${client}/health`).catch(() => undefined)
    if (health?.ok) return { url: client, pid: Number(child.pid), close }
    await setTimeout(100)
  }
  await close()
  throw new Error('etcd did not become healthy in ten seconds')
}

/**
 * @param {string} url
 * @param {string} key
 * @param {string} value
 */
export async function put(url, key, value) {
  await post(`${url}/v3/kv/put`, { key: base64(key), value: base64(value) }).then((response) =>
    response.text(),
  )
}

/**
 * Hears the value of every key that is put from now on. Resolves when it is listening.
 * @param {string} url
 * @param {(value: string) => void} onValue
 */
export async function watchAll(url, onValue) {
  const all = { key: base64('\0'), range_end: base64('\0') }
  const { body } = await post(`${url}/v3/watch`, { create_request: all })
  const lines = linesOf(body ?? [])
  await lines.next() // that it has begun
  void follow(lines, onValue)
}

/**
 * @param {AsyncIterable<string>} lines
 * @param {(value: string) => void} onValue
 */
async function follow(lines, onValue) {
  for await (const line of lines)
    for (const { kv } of JSON.parse(line).result.events ?? [])
      onValue(Buffer.from(kv.value, 'base64').toString())
}

/** @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} chunks */
async function* linesOf(chunks) {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/**
 * @param {string} url
 * @param {object} body
 */
function post(url, body) {
  return fetch(url, { method: 'POST', body: JSON.stringify(body) })
}

/** @param {string} text */
function base64(text) {
  return Buffer.from(text).toString('base64')
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' ? address?.port : undefined
}
