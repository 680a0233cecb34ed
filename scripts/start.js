#!/usr/bin/env node
/**
 * The main job in one command: a page, its hub and some servers, until Ctrl+C. Without options, the dashboard and three echo
 * servers.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, styleText } from 'node:util'
import { createServer } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))

const { page, server, names, port } = readOptions()

const vite = await createServer({
  root: join(root, page),
  logLevel: 'warn',
  server: port === undefined ? {} : { port, strictPort: true },
})
await vite
  .listen()
  .catch((error) => fail(`${error.message}. Stop what uses that port, or give another --port.`))

const servers = names.map((name) => {
  const child = spawn(process.execPath, [server, '--name', name], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { name, child, ended: once(child, 'exit') }
})

let stopping = false
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => void stop(0))
}

/** Every server says a line once it listens and is registered. */
const started = servers.map(async ({ name, child, ended }) => {
  const line = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)])
  if (line !== undefined || stopping) return
  console.error(`${name} did not start; its own words, if any, are above.`)
  await stop(1)
})
await Promise.all(started)

const url = vite.resolvedUrls?.local[0] ?? vite.resolvedUrls?.network[0]
console.log(`
  ${styleText('bold', 'wsyard')} is running: ${names.join(', ')}, each on a port of its own

  ${styleText('green', '➜')}  Open ${styleText('cyan', String(url))}
  ${styleText('green', '➜')}  Start another server: ${styleText('bold', 'npm run server')}
  ${styleText('dim', 'Press Ctrl+C to stop everything.')}
`)

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        page: { type: 'string', default: 'dashboard' },
        server: { type: 'string', default: 'examples/echo/server.js' },
        port: { type: 'string' },
      },
      allowPositionals: true,
    })
    const { page, server, port } = values
    if (port !== undefined && !/^\d{1,5}$/.test(port))
      return fail(`--port must be a port number (got "${port}").`)
    return {
      page,
      server,
      names: positionals.length > 0 ? positionals : ['worker-a', 'worker-b', 'worker-c'],
      port: port === undefined ? undefined : Number(port),
    }
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}`)
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

/** @param {number} code */
async function stop(code) {
  if (stopping) return
  stopping = true
  for (const { child } of servers) child.kill('SIGTERM')
  await Promise.all(servers.map(({ ended }) => ended))
  await vite.close()
  process.exit(code)
}
