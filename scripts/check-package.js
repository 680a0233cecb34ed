#!/usr/bin/env node
/**
 * Checks the package as its users get it: what is in it, how it resolves, and that the README's five lines work in an
 * empty project that has installed nothing but the tarball, Vite and TypeScript.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'wsyard-package-'))
const project = join(scratch, 'project')

try {
  const [tarball] = pack()
  run('npx', ['publint', '--strict', join(scratch, tarball.filename)])
  run('npx', ['attw', join(scratch, tarball.filename), '--profile', 'esm-only'])
  makeProject(tarball.filename)
  await tryProject()
  console.log('The package is in order.')
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Packs, and refuses files that no user needs. */
function pack() {
  run('npm', ['run', '--silent', 'prepack'], root)
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], root, 'pipe'),
  )
  const allowed =
    /^(dist\/(core|client|react|registry|etcd|server|hub|vite)\/.+\.(js|d\.ts)|dist\/bin\/(.+\.js|LICENSES\.txt)|dist\/dashboard\/.+\.(html|js|css|svg)|schema\/(cli\/\w+|entry)\.schema\.json|(package\.json|README\.md|LICENSE|PROTOCOL\.md|CHANGELOG\.md))$/
  const paths = packed.files.map((/** @type {{ path: string }} */ { path }) => path)
  const stray = paths.filter((/** @type {string} */ path) => !allowed.test(path) || path.includes('.test.'))
  if (stray.length > 0) throw new Error(`The package holds what no user needs: ${stray.join(', ')}`)
  if (!paths.includes('dist/dashboard/index.html')) throw new Error('The dashboard is not in the package')
  console.log(`${packed.filename}: ${paths.length} files, ${Math.round(packed.size / 1024)} KiB packed`)
  return [packed]
}

/** The README's own lines, file by file. */
function makeProject(/** @type {string} */ tarball) {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [server, config, client] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code)
  if (server === undefined || config === undefined || client === undefined)
    throw new Error('README.md lost its five lines')
  mkdirSync(project)
  const files = {
    'package.json': '{ "name": "five-lines", "private": true, "type": "module" }',
    'server.js': server,
    'vite.config.js': config,
    'main.js': client,
    'index.html': '<!doctype html><script type="module" src="/main.js"></script>',
    'types.ts':
      "import { createClient, type ClientServer } from 'wsyard/client'\nexport const servers: readonly ClientServer[] = createClient().servers\n",
    'server-types.ts':
      "import { createServer } from 'wsyard/server'\nawait createServer({ onConnection: (socket) => { socket.send('typed') } })\n",
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text)
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', join(scratch, tarball), 'vite@8', 'typescript@7'],
    project,
    'ignore',
  )
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022']
  run('npx', ['tsc', ...strict, 'types.ts', 'server-types.ts'], project)
}

/** Starts the server and the page of that project, and reads the one from the other. */
async function tryProject() {
  const env = { ...process.env, SHIPYARD_HOME: join(scratch, 'home'), NO_COLOR: '1' }
  const server = spawn(process.execPath, ['server.js'], { cwd: project, env, stdio: 'inherit' })
  const vite = spawn(process.execPath, ['node_modules/vite/bin/vite.js', '--port', '0'], {
    cwd: project,
    env,
  })
  try {
    const url = await printed(vite, /http:\/\/localhost:\d+\//)
    const { name } = await firstServer(url)
    const reply = await echo(`${url.replace('http', 'ws')}api/registry/${name}`)
    if (name !== 'worker-a' || reply !== 'Echo: hello')
      throw new Error(`The five lines gave ${name} and "${reply}"`)
    const page = await (await fetch(`${url}main.js`)).text()
    if (!page.includes('createClient')) throw new Error('The page does not load the client')
    console.log(run('npx', ['wsyard', 'ls'], project, 'pipe', env).trim())
    const said = run('npx', ['wsyard', 'connect', name, '--send', 'hello'], project, 'pipe', env).trim()
    if (said !== 'Echo: hello') throw new Error(`The command was told "${said}"`)
    run('npx', ['vite', 'build', '--logLevel', 'error'], project)
  } finally {
    for (const child of [server, vite]) child.kill()
    await Promise.all(
      [server, vite].map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')),
    )
  }
}

/** @param {string} url */
async function firstServer(url) {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    const { servers } = /** @type {any} */ (await (await fetch(`${url}api/registry`)).json())
    if (servers.length > 0) return servers[0]
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('The server did not appear in the snapshot within 20 s')
}

/** @param {string} url */
async function echo(url) {
  const { WebSocket } = await import('ws')
  const socket = new WebSocket(url)
  await once(socket, 'open')
  socket.send('hello')
  const [data] = await once(socket, 'message')
  socket.close()
  return String(data)
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {RegExp} pattern
 * @returns {Promise<string>}
 */
async function printed(child, pattern) {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += chunk
    const match = text.match(pattern)
    if (match !== null) return match[0]
  }
  throw new Error(`It ended without printing ${pattern}:\n${text}`)
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {'inherit' | 'pipe' | 'ignore'} output
 */
function run(command, args, cwd = root, output = 'inherit', env = process.env) {
  return String(execFileSync(command, args, { cwd, env, stdio: ['ignore', output, 'inherit'] }) ?? '')
}
