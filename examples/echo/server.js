#!/usr/bin/env node
/**
 * An echo server that registers itself and deregisters when it is told to stop.
 */
import { parseArgs } from 'node:util'
import { createServer } from 'wsyard/server'

const help = `Usage: npm run server -- [options]

Starts a WebSocket server that answers every message with "[<id>] Echo: <message>"
and registers itself, so that pages find it. Start as many as you like.

Options:
  --name <name>  what people call it, the same across restarts (default: none)
  --port <port>  port to listen on; 0 lets the system pick one  (default: 0)
  --help         show this text
`

const { name, port } = readOptions()

const server = await createServer({
  port,
  auth: 'open', // pages connect straight to it
  ...(name === undefined ? {} : { name }),
  onConnection(socket) {
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? `${data.toString().length} bytes` : data.toString()
      socket.send(`[${server.id}] Echo: ${message}`)
    })
  },
  onWarning: (warning) => console.warn(warning.message),
}).catch((error) => fail(error.message))

console.log(`[${server.id}] WebSocket server listening on port ${server.port}`)

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, async () => {
    await server.close()
    console.log(`[${server.id}] Stopped`)
    process.exit()
  })
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        name: { type: 'string' },
        port: { type: 'string', default: '0' },
        help: { type: 'boolean' },
      },
    })
    if (values.help) {
      process.stdout.write(help)
      process.exit()
    }
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new Error(`--port must be a whole number from 0 to 65535 (got "${values.port}")`)
    }
    return { name: values.name, port }
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n\n${help}`)
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message)
  process.exit(1)
}
