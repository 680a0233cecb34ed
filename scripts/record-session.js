#!/usr/bin/env node
/**
 * Records a session: gives commands to a shell, in a project with two servers and a registry of its own, and puts what is seen into
 * README.md between its marks. What differs from run to run is replaced by `session/stand-ins.js`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openRegistry } from '../dist/registry/index.js'
import { createStandIns } from './session/stand-ins.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'wsyard-session-'))
const project = join(home, 'shop')
const bin = join(home, 'bin')
const shipyard = join(home, '.shipyard')
const marks = /<!-- session -->.*<!-- \/session -->/s
process.on('exit', () => rmSync(home, { recursive: true, force: true, maxRetries: 20 }))

/** What a server may take to start on a machine that has much else to do. */
const startMs = 60_000

const introduction =
  'In a terminal, with one server that knows nothing of wsyard, and one that registers itself and asks for a token:'

/** @type {import('node:child_process').ChildProcess[]} */
const running = []
let seen = ''

makeHome()
try {
  await begin('wsyard run --name api -- python3 api.py', /registered api/)
  await begin('node worker.js', /listens/)
  await type('wsyard ls')
  await type('wsyard connect api --send hello')
  await type('wsyard send --all reload')
  await type(`kill -9 ${await pidOf('worker')}`)
  await type('wsyard ls --all')
} finally {
  await Promise.all(running.map(end))
}
putIntoReadme(createStandIns({ [home]: '/home/me' })(seen))

/** Makes a home directory with a project in it, and what is called by its name alone. */
function makeHome() {
  for (const directory of [bin, join(project, '.git'), join(project, 'node_modules')])
    mkdirSync(directory, { recursive: true })
  for (const file of ['scripts/session/api.py', 'scripts/session/worker.js', 'examples/python/rfc6455.py'])
    copyFileSync(join(root, file), join(project, basename(file)))
  writeFileSync(join(project, '.git/HEAD'), 'ref: refs/heads/main\n')
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  symlinkSync(root, join(project, 'node_modules/wsyard'))
  const main = join(root, 'dist/bin/wsyard.js')
  writeFileSync(join(bin, 'wsyard'), `#!/bin/sh\nexec node '${main}' "$@"\n`, { mode: 0o755 })
  // Not what a version manager has put before it, which looks for its settings in the real home directory.
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' })
  symlinkSync(python.trim(), join(bin, 'python3'))
}

/**
 * Starts what goes on, and waits until it has said that it does.
 *
 * @param {string} command
 * @param {RegExp} sign
 */
async function begin(command, sign) {
  const child = inShell(`exec ${command}`)
  running.push(child)
  seen += `$ ${command} &\n`
  const before = seen.length
  for await (const [chunk] of on(child.stdout, 'data', {
    close: ['end'],
    signal: AbortSignal.timeout(startMs),
  })) {
    seen += chunk
    if (sign.test(seen.slice(before))) return
  }
  throw new Error(`"${command}" has ended:\n${seen}`)
}

/** @param {string} command */
async function type(command) {
  const child = inShell(command)
  seen += `$ ${command}\n`
  child.stdout.on('data', (chunk) => {
    seen += chunk
  })
  await once(child, 'close')
}

/** @param {string} command */
function inShell(command) {
  const PATH = [bin, dirname(process.execPath), process.env.PATH].join(delimiter)
  const env = { ...process.env, PATH, HOME: home, SHIPYARD_HOME: shipyard, NO_COLOR: '1' }
  const child = spawn('/bin/sh', ['-c', `exec 2>&1; ${command}`], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.setEncoding('utf8')
  return child
}

/** @param {string} name */
async function pidOf(name) {
  const registry = openRegistry({ home: shipyard })
  const entries = await registry.list()
  await registry.close()
  return entries.find((entry) => entry.name === name)?.pid
}

/** @param {import('node:child_process').ChildProcess} child */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** @param {string} session */
function putIntoReadme(session) {
  const path = join(root, 'README.md')
  const text = readFileSync(path, 'utf8')
  const block = `<!-- session -->\n\n${introduction}\n\n\`\`\`console\n${session}\`\`\`\n\n<!-- /session -->`
  if (!marks.test(text))
    throw new Error('README.md has no place for it: <!-- session --> … <!-- /session -->')
  writeFileSync(
    path,
    text.replace(marks, () => block),
  )
}
