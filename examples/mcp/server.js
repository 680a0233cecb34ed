#!/usr/bin/env node
/**
 * An MCP server that pages can talk to: beside the input and output, over which an agent's program speaks with it, it opens a WebSocket
 * server and registers that. `node server.js [name]`
 */
import { EventEmitter, once } from 'node:events'
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { createServer } from 'wsyard/server'

const name = process.argv[2] ?? `agent-${process.pid}`

/** How many messages of pages are kept until the agent asks; older ones are dropped. */
const maxHeard = 100

/** @type {string[]} */
const heard = []
/** Says `change` when there is something to hear, and when somebody need not wait any more. */
const ear = new EventEmitter().setMaxListeners(0)

const mcp = new McpServer({ name: 'wsyard-example', version: '1.0.0' })

/** @type {Promise<import('wsyard/server').Server> | undefined} */
let opened

mcp.server.oninitialized = () => {
  const { name: client, version } = mcp.server.getClientVersion() ?? {} // what the agent's program says of itself
  opened = open({ kind: 'agent', client, version })
  opened.catch((error) => console.error(error.message)) // and each tool says so
}

/** @param {Record<string, unknown>} meta */
function open(meta) {
  return createServer({
    name,
    meta,
    owner: process.ppid, // shown as orphaned, should this process outlive the agent's program
    onConnection(socket) {
      socket.on('message', (data) => {
        heard.push(String(data))
        if (heard.length > maxHeard) heard.shift()
        ear.emit('change')
      })
    },
    onWarning: (warning) => console.error(warning.message), // the output belongs to the protocol
  })
}

mcp.registerTool(
  'say',
  {
    description: 'Says something to every page that is connected.',
    inputSchema: fromJsonSchema({
      type: 'object',
      properties: { text: { type: 'string' } },
      required: ['text'],
    }),
  },
  async (/** @type {any} */ { text }) => {
    const pages = (await opened)?.clients ?? new Set()
    for (const page of pages) page.send(text)
    return { content: [{ type: 'text', text: `${pages.size} pages were told.` }] }
  },
)

mcp.registerTool(
  'hear',
  {
    description: 'Returns what pages have said since the last time, each a text; waits for the first.',
    inputSchema: fromJsonSchema({
      type: 'object',
      properties: { timeoutMs: { type: 'integer', minimum: 0, maximum: 30_000, default: 10_000 } },
    }),
  },
  async (/** @type {any} */ { timeoutMs = 10_000 }, { mcpReq: { signal } }) => {
    await opened
    const texts = await takeHeard(timeoutMs, signal)
    return { content: texts.map((text) => ({ type: /** @type {const} */ ('text'), text })) }
  },
)

/**
 * Of several that wait, the first takes all. One that was cancelled takes nothing, as nobody is told what.
 *
 * @param {number} timeoutMs
 * @param {AbortSignal} signal
 */
async function takeHeard(timeoutMs, signal) {
  let isOver = signal.aborted
  const end = () => {
    isOver = true
    ear.emit('change')
  }
  const timer = setTimeout(end, timeoutMs)
  signal.addEventListener('abort', end)
  while (heard.length === 0 && !isOver) await once(ear, 'change')
  clearTimeout(timer)
  return signal.aborted ? [] : heard.splice(0)
}

mcp.server.onclose = async () => {
  const server = await opened?.catch(() => undefined)
  await server?.close()
}
await mcp.connect(new StdioServerTransport())
