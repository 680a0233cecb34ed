/** What is there when commands are shown: somebody's project and registry, servers, and processes that have ended. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Scope } from '../../src/core/index.js'
import { openRegistry, type RegisterOptions, type Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import type { Person } from './golden.js'
import { createTestHome, startProcess, type TestHome } from './processes.js'

export interface Stage extends Person, AsyncDisposable {
  /** Where their servers run. */
  readonly scope: Scope
  readonly registry: Registry
}

/** Somebody in their project `~/shop`, with a registry of their own. */
export function createStage(): Stage {
  const home = createTestHome()
  const registry = openRegistry({ home: home.path })
  const directory = join(dirname(home.path), 'shop')
  mkdirSync(join(directory, '.git'), { recursive: true })
  writeFileSync(join(directory, '.git/HEAD'), 'ref: refs/heads/main\n')
  return {
    home,
    registry,
    directory,
    scope: { directory, worktree: directory, branch: 'main' },
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]()
      await registry.close()
    },
  }
}

/** A process that does nothing until it is ended. */
export async function startIdle(home: TestHome): Promise<{ pid: number; end(): Promise<unknown> }> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const gone = once(child, 'exit')
  const end = (): Promise<unknown> => {
    child.kill('SIGKILL')
    return gone
  }
  home.onCleanUp(end)
  return { pid: child.pid ?? 0, end }
}

/** Makes entries that stay when they are left, for nobody in this process looks after them. */
export async function leave({ home }: Stage, ...entries: readonly RegisterOptions[]): Promise<void> {
  await using registry = openRegistry({ home: home.path })
  for (const entry of entries) (await registry.register(entry)).release()
}

export async function serve({ home, registry }: Stage, options: ServerOptions): Promise<Server> {
  const server = await createServer({
    registry,
    onConnection: (socket) => socket.on('message', (data) => socket.send(`Echo: ${data}`)),
    ...options,
  })
  home.onCleanUp(() => server.close())
  return server
}

/** A program that knows nothing of wsyard, and prints the port at which it listens. */
const program = `require('net').createServer().listen(0, '127.0.0.1', function () { console.log(String(this.address().port)) })`

/** Runs it in their project. */
export async function startStranger({ home, directory }: Stage): Promise<{ pid: number; port: string }> {
  const stranger = home.own(startProcess(process.execPath, ['-e', program], { cwd: directory }))
  const [port] = await stranger.printed(/\d+/)
  return { pid: stranger.pid, port }
}
