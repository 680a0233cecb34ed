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

const { values } = parseArgs({ options: { port: { type: 'string' } } })

const vite = await createServer({
  root: `${root}/dashboard`,
  logLevel: 'warn',
  server: values.port === undefined ? {} : { port: Number(values.port), strictPort: true },
})
await vite.listen().catch((error) => {
  console.error(
    `The page cannot be served: ${error.message}. Stop what uses that port, or give another --port.`,
  )
  process.exit(1)
})

const servers = names.map((name) => {
  const child = spawn(process.execPath, ['examples/echo/server.js', '--name', name], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { name, child, ended: once(child, 'exit') }
})

let stopping = false
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => void stop(0))
for (const { name, ended } of servers) {
  void ended.then(([code]) => {
    if (!stopping && code !== 0) console.error(`${name} has ended (${code}).`)
  })
}

await Promise.all(servers.map(({ child }) => once(child.stdout, 'data')))
const url = vite.resolvedUrls?.local[0] ?? vite.resolvedUrls?.network[0]
console.log(`
  ${styleText('bold', 'wsyard')} is running: ${names.join(', ')}, each on a port of its own

  ${styleText('green', '➜')}  Open ${styleText('cyan', String(url))}
  ${styleText('green', '➜')}  Start another server: ${styleText('bold', 'npm run server')}
  ${styleText('dim', 'Press Ctrl+C to stop everything.')}
`)

/** @param {number} code */
async function stop(code) {
  if (stopping) return
  stopping = true
  for (const { child } of servers) child.kill('SIGTERM')
  await Promise.all(servers.map(({ ended }) => ended))
  await vite.close()
  process.exit(code)
}
