/** Real processes for tests: started, listened to, and ended by their own id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url))
export const echoServer = join(projectRoot, 'examples/echo/server.js')
export const spikeServer = join(projectRoot, 'test/support/spike-server.js')

export interface RunningProcess {
  readonly child: ChildProcess
  readonly pid: number
  /** Everything it has printed so far, both streams. */
  output(): string
  /** Resolves to the match once its output has it; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>
  /** Ends it with a signal and resolves to its exit code or the signal's name. */
  stop(signal?: NodeJS.Signals): Promise<number | string>
  /** Resolves to its exit code or the signal's name. */
  readonly ended: Promise<number | string>
}

export interface StartOptions {
  env?: Record<string, string>
  cwd?: string
  /** Makes it the head of a process group, all of which `stop` signals, as Ctrl+C in a terminal does. */
  group?: boolean
  /** Gives it an input, `child.stdin`; else that has ended from the start. */
  input?: boolean
}

export function startProcess(
  command: string,
  args: readonly string[],
  options: StartOptions = {},
): RunningProcess {
  const { env = {}, cwd = projectRoot, group = false, input = false } = options
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: group,
  })
  child.stdin?.on('error', () => {}) // it may have been killed
  let text = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const listener of [...listeners]) listener()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  const printed = (pattern: RegExp): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = text.match(pattern)
        if (match === null) return
        listeners.delete(look)
        resolve(match)
      }
      listeners.add(look)
      look()
      void ended.then((code) => reject(new Error(`ended (${code}) without printing ${pattern}:\n${text}`)))
    })
  return {
    child,
    pid: child.pid ?? -1,
    output: () => text,
    printed,
    ended,
    stop(signal = 'SIGTERM') {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(group ? -child.pid : child.pid, signal)
      }
      return ended
    },
  }
}

export interface EchoServer extends RunningProcess {
  readonly id: string
  readonly port: number
}

/** Starts the echo server and resolves once it listens and is registered. */
export async function startEchoServer(home: string, args: readonly string[] = []): Promise<EchoServer> {
  return listening(startProcess(process.execPath, [echoServer, ...args], { env: { SHIPYARD_HOME: home } }))
}

/** Starts a server that follows the spike's text literally. */
export async function startSpikeServer(home: string): Promise<EchoServer> {
  return listening(startProcess(process.execPath, [spikeServer], { env: { SHIPYARD_HOME: home } }))
}

/** Waits for the line that every echo server prints. */
export async function listening(running: RunningProcess): Promise<EchoServer> {
  const [, id = '', port = ''] = await running.printed(
    /^\[([^\]]+)\] WebSocket server listening on port (\d+)$/m,
  )
  return { ...running, id, port: Number(port) }
}

/** A registry directory of a test's own, with everything that the test starts in it. */
export interface TestHome extends AsyncDisposable {
  readonly path: string
  readonly indexPath: string
  /** Sees to it that a process has ended before the directory is removed. Returns what it was given. */
  own<T extends RunningProcess>(running: T): T
  onCleanUp(step: () => Promise<unknown> | unknown): void
}

/** Removes a registry while others write to it: what comes into a directory just then goes as well. */
export function removeHome({ path }: TestHome): void {
  for (;;) {
    try {
      rmSync(path, { recursive: true })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
    }
  }
}

export function createTestHome(): TestHome {
  const parent = mkdtempSync(join(tmpdir(), 'wsyard-test-'))
  const path = join(parent, '.shipyard')
  const cleanUps: (() => Promise<unknown> | unknown)[] = []
  return {
    path,
    indexPath: join(path, 'servers.json'),
    own(running) {
      cleanUps.push(() => running.stop('SIGKILL'))
      return running
    },
    onCleanUp(step) {
      cleanUps.push(step)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(cleanUps.reverse().map((step) => step()))
      rmSync(parent, { recursive: true, force: true })
    },
  }
}
