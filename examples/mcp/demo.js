#!/usr/bin/env node
/**
 * Ten agents and a page that talks with all of them, until Ctrl+C. Each agent is an MCP client that has started `server.js` for itself,
 * and in place of a model it has a rule: it answers what it hears.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs, styleText } from 'node:util'
import { Client } from '@modelcontextprotocol/client'
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { createServer } from 'vite'

const { values } = parseArgs({ options: { port: { type: 'string' } } })
const port = values.port === undefined ? {} : { port: Number(values.port), strictPort: true }
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

const { SHIPYARD_HOME } = process.env
const env = { ...getDefaultEnvironment(), ...(SHIPYARD_HOME === undefined ? {} : { SHIPYARD_HOME }) }

let stopping = false
const vite = await createServer({ root: here('page'), logLevel: 'warn', server: port })
await vite.listen()

const names = Array.from({ length: 10 }, (_, index) => `agent-${index + 1}`)
/** @type {Client[]} */
const clients = []
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => void stop())
}
await Promise.all(names.map(start)).catch((error) => {
  if (!stopping) throw error
})

if (!stopping) {
  console.log(`
  ${styleText('bold', 'wsyard')}: ${names.length} MCP servers have registered a WebSocket server each

  ${styleText('green', '➜')}  Open ${styleText('cyan', String(vite.resolvedUrls?.local[0]))}
  ${styleText('dim', 'Press Ctrl+C to stop everything.')}
`)
}

/** @param {string} name */
async function start(name) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [here('server.js'), name],
    env,
  })
  const client = new Client({ name: `demo-of-${name}`, version: '1.0.0' })
  clients.push(client)
  await client.connect(transport)
  await client.callTool({ name: 'say', arguments: { text: 'Here I am.' } }) // which waits until it is registered
  console.log(`${name} runs as process ${transport.pid}`)
  void answer(client).catch(() => {
    if (!stopping) console.log(`${name} has gone.`)
  })
}

/**
 * What a model would do.
 *
 * @param {Client} client
 */
async function answer(client) {
  for (;;) {
    const { content } = await client.callTool({ name: 'hear', arguments: { timeoutMs: 30_000 } })
    for (const part of content) {
      const text = part.type === 'text' ? `I have heard: ${part.text}` : ''
      await client.callTool({ name: 'say', arguments: { text } })
    }
  }
}

async function stop() {
  stopping = true
  await Promise.all(clients.map((client) => client.close()))
  await vite.close()
  process.exit()
}
