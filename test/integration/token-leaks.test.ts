/**
 * Where a token might slip out: every answer, log line, argument, environment, index and URL is searched for it, in every form that it
 * is likely to have. It is made again for each run, so that nothing else has it by chance.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createServer as createVite } from 'vite'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Token } from '../../src/core/index.js'
import { openRegistry } from '../../src/registry/index.js'
import { wsyard } from '../../src/vite/index.js'
import { createTestHome, projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { handshakeHeaders, rawRequest } from '../support/raw-request.js'

const wsyardCommand = join(projectRoot, 'dist/bin/wsyard.js')

/** Plain, and as somebody might encode it; and any sixteen characters of it. */
function formsOf(token: string): string[] {
  const parts = Array.from({ length: token.length - 15 }, (_, from) => token.slice(from, from + 16))
  const bytes = Buffer.from(token, 'base64url')
  return [
    ...parts,
    bytes.toString('hex'),
    bytes.toString('base64'),
    Buffer.from(token).toString('base64').slice(0, 40),
    Buffer.from(token).toString('hex'),
  ]
}

function leaksIn(what: Record<string, string>, tokens: readonly string[]): string[] {
  return Object.entries(what)
    .filter(([, text]) => tokens.flatMap(formsOf).some((form) => text.includes(form)))
    .map(([name]) => name)
}

async function startServer(home: TestHome) {
  const running = home.own(
    startProcess(process.execPath, [join(projectRoot, 'test/support/token-server.js')], {
      env: { SHIPYARD_HOME: home.path },
    }),
  )
  const [, id = ''] = await running.printed(/^ready (\S+)$/m)
  const { token } = JSON.parse(readFileSync(join(home.path, 'servers.d', `${id}.json`), 'utf8'))
  return { running, id, token: String(token) }
}

describe('tokens', () => {
  it('stand in no answer, log, argument, environment, index or URL, and in no file that others can read', async () => {
    const umask = process.umask(0)
    await using home = createTestHome()
    const server = await startServer(home)
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
    const hub = home.own(startProcess(process.execPath, [wsyardCommand, 'hub', '--port', '0'], { env }))
    const [, port = '', hubToken = ''] = await hub.printed(/127\.0\.0\.1:(\d+)\/__wsyard\/enter#token=(\S+)/)
    process.umask(umask)
    const tokens = [server.token, hubToken]
    expect(tokens.every((token) => /^[\w-]{43}$/.test(token))).toBe(true)

    const logged: string[] = []
    const log = (text: unknown): void => void logged.push(String(text))
    const customLogger = {
      info: log,
      warn: log,
      warnOnce: log,
      error: log,
      clearScreen() {},
      hasErrorLogged: () => false,
      hasWarned: false,
    }
    const vite = await createVite({
      root: join(home.path, '..'),
      configFile: false,
      customLogger,
      plugins: [wsyard({ home: home.path })],
      server: { port: 0, host: '127.0.0.1' },
    })
    await vite.listen()
    home.onCleanUp(() => vite.close())
    const vitePort = Number(new URL(vite.resolvedUrls?.local[0] ?? '').port)

    const answers: Record<string, string> = {}
    for (const at of [Number(port), vitePort]) {
      for (const path of ['/api/registry', '/api/registry/guarded', '/api/registry/none']) {
        for (const credential of [
          [],
          [['Authorization', `Bearer ${hubToken}`]],
          [['Authorization', 'Bearer wrong']],
          [['Sec-WebSocket-Protocol', `wsyard.v1, wsyard.bearer.${hubToken}`]],
          [['Sec-WebSocket-Protocol', `wsyard.bearer.${hubToken}`]],
        ] as [string, string][][]) {
          for (const headers of [credential, [...credential, ...handshakeHeaders]] as [string, string][][]) {
            const { head, body } = await rawRequest({
              port: at,
              path,
              headers: [['Host', 'localhost'], ...headers],
            })
            answers[`${Object.keys(answers).length}: ${at} ${path} ${headers.map(([name]) => name)}`] =
              head + body
          }
        }
      }
    }
    expect(Object.values(answers).filter((text) => text.startsWith('HTTP/1.1 101')).length).toBeGreaterThan(5)
    const said = await everythingSaid(`ws://127.0.0.1:${port}/api/registry`, hubToken)
    const relayed = await everythingSaid(`ws://127.0.0.1:${port}/api/registry/guarded/room?q=1`, hubToken)
    expect(said).toContain('"snapshot"')
    expect(relayed).toContain('hello')

    const lists = await Promise.all(
      [['list'], ['list', '--json']].map(async (args) => {
        const running = startProcess(process.execPath, [wsyardCommand, ...args], { env })
        await running.ended
        return running.output()
      }),
    )
    expect(lists.every((text) => text.includes(`${server.running.pid}`))).toBe(true)

    const link = `#token=${hubToken}` // which it is there to print
    const processes = [server.running.pid, hub.pid].flatMap((pid) =>
      ['cmdline', 'environ'].map((name) => [
        `${name} of ${pid}`,
        process.platform === 'linux' ? readFileSync(`/proc/${pid}/${name}`, 'latin1') : '',
      ]),
    )
    const everything = {
      ...answers,
      ...Object.fromEntries(processes),
      'said by push': said,
      'said by the server': relayed, // the path and the query that it was asked for, among others
      'wsyard list': lists.join('\n'),
      'the log of Vite': logged.join('\n'),
      'the output of the hub': hub.output().replace(link, ''),
      'the output of the server': server.running.output(),
      'servers.json': readFileSync(home.indexPath, 'utf8'),
    }
    expect(leaksIn(everything, tokens)).toEqual([])
    expect(leaksIn({ planted: `x${server.token.slice(9, 25)}y` }, tokens)).toEqual(['planted'])

    const modes = [home.path, join(home.path, 'servers.d'), ...filesIn(home.path)].map((path) => {
      const stats = statSync(path)
      return [stats.isDirectory() ? 'directory' : 'file', stats.mode & 0o777]
    })
    expect(modes.every(([kind, mode]) => mode === (kind === 'directory' ? 0o700 : 0o600))).toBe(true)
  })

  it('are shown as nothing by whatever prints or copies an entry', async () => {
    await using home = createTestHome()
    const registry = openRegistry({ home: home.path })
    home.onCleanUp(() => registry.close())
    const { entry } = await registry.register({ port: 8080, auth: 'token' })
    const secret = entry.token?.reveal() ?? ''
    expect(secret).toMatch(/^[\w-]{43}$/)
    const [listed] = await registry.list()
    const copy = structuredClone({ ...entry })
    const shown = {
      json: JSON.stringify([entry, listed]),
      inspected: inspect([entry, listed], { depth: 9, showHidden: true }),
      joined: `${entry.token} ${[entry.token]} ${String(listed?.token)}`,
      copied: inspect(copy, { depth: 9, showHidden: true }) + JSON.stringify(copy),
      thrown: inspect(new Error(`no ${entry.token}`, { cause: entry })),
    }
    expect(leaksIn(shown, [secret])).toEqual([])
    expect(new Token(secret).reveal()).toBe(secret)
  })
})

/** All that a socket is told at first. */
function everythingSaid(url: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['wsyard.v1', `wsyard.bearer.${token}`])
    socket.on('message', (data) => {
      resolve(`${socket.protocol} ${socket.extensions} ${data}`)
      socket.close()
    })
    socket.on('error', reject)
  })
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
}
