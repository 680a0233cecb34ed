#!/usr/bin/env node
/**
 * The main job in one command: the page, its hub and three echo servers, until Ctrl+C.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs, styleText } from 'node:util'
import { createServer } from 'vite'

const names = ['worker-a', 'worker-b', 'worker-c']
const root = fileURLToPath(new URL('..', import.meta.url))

const port = readPort()

const vite = await createServer({
  root: `${root}/dashboard`,
  logLevel: 'warn',
  server: port === undefined ? {} : { port, strictPort: true },
})
await vite
  .listen()
  .catch((error) => fail(`${error.message}. Stop what uses that port, or give another --port.`))

const servers = names.map((name) => {
  const child = spawn(process.execPath, ['examples/echo/server.js', '--name', name], {
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

function readPort() {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' } } })
    if (values.port === undefined) return undefined
    if (/^\d{1,5}$/.test(values.port)) return Number(values.port)
    return fail(`--port must be a port number (got "${values.port}").`)
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
