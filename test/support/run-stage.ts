/** A stage for the tests of `wsyard run`: a registry of each test's own, and commands with and without wsyard. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { type Entry, openRegistry, type Registry } from '../../src/registry/index.js'
import { wsyard } from './command.js'
import { createTestHome, projectRoot, type RunningProcess, startProcess, type TestHome } from './processes.js'
import { startInTerminal, type TerminalProcess } from './terminal.js'

export const nodeServer: string = join(projectRoot, 'test/support/run-server.js')

/** The command that runs `run-child.py` with these words: without `site`, which takes longer than all else. */
export function child(...words: readonly string[]): string[] {
  return ['python3', '-S', join(projectRoot, 'test/support/run-child.py'), ...words]
}

/** The same for `sh -c`. */
export function childLine(...words: readonly string[]): string {
  return child(...words)
    .map((word) => `'${word}'`)
    .join(' ')
}

export interface Run extends RunningProcess {
  /** What the command has printed. */
  out(): string
  /** What stands on the error output. */
  err(): string
  /** Gives the command a line of input. */
  tell(line: string): void
  /** The port and the pid of what it has printed that it has done, for the first time or another. */
  did(what: string, nth?: number): Promise<{ port: number; at: number; pid: number }>
  /** The events of --json so far. */
  events(): Record<string, unknown>[]
}

export interface RunStage {
  readonly home: TestHome
  readonly registry: Registry
  start(options: readonly string[], command: readonly string[], env?: Record<string, string>): Run
  /** The same command without wsyard: how it ends then is how it is to end with it. */
  startAlone(command: readonly string[], env?: Record<string, string>): Run
  /** `wsyard run` in a terminal. */
  startInTerminal(options: readonly string[], command: readonly string[]): TerminalProcess
  /** A shell in a terminal, that knows `wsyard`. */
  startShell(): TerminalProcess
  /** Resolves to the entries once they are at these ports and no others. */
  entriesAt(ports: readonly number[]): Promise<Entry[]>
}

/** Sets one up for each test of a file. */
export function eachWithStage(): RunStage {
  let home: TestHome
  let registry: Registry
  beforeEach(() => {
    home = createTestHome()
    registry = openRegistry({ home: home.path })
  })
  afterEach(async () => {
    await home[Symbol.asyncDispose]()
    await registry.close()
  })
  const dress = (running: RunningProcess): Run => asRun(home.own(running)) // what a wsyard that is killed has run ends as well
  const environment = () => ({ SHIPYARD_HOME: home.path, NO_COLOR: '1', TERM: 'dumb' })
  return {
    get home() {
      return home
    },
    get registry() {
      return registry
    },
    start(options, command, env = {}) {
      const args = [wsyard, 'run', ...options, '--', ...command]
      return dress(startProcess(process.execPath, args, { env: { ...environment(), ...env }, input: true }))
    },
    startAlone: ([file = '', ...args], env = {}) =>
      dress(startProcess(file, args, { input: true, env: { PORT: '0', ...env } })),
    startInTerminal: (options, command) =>
      home.own(startInTerminal([wsyard, 'run', ...options, '--', ...command], { env: environment() })),
    startShell() {
      const args = ['-qefc', 'exec bash --norc --noprofile -i', '/dev/null']
      const running = home.own(startProcess('script', args, { env: environment(), input: true }))
      const type = (text: string): void => void running.child.stdin?.write(text)
      type(`wsyard() { '${process.execPath}' '${wsyard}' "$@"; }\n`)
      return { ...running, type }
    },
    entriesAt: (ports) => entriesAt(registry, ports),
  }
}

function asRun(running: RunningProcess): Run {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    running.child[name]?.on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  return {
    ...running,
    out: () => texts.stdout,
    err: () => texts.stderr,
    tell: (line) => void running.child.stdin?.write(`${line}\n`),
    async did(what, nth = 0) {
      const line = `^${what} ?(\\d*).* at ([\\d.]+) by (\\d+)$`
      const [all] = await running.printed(new RegExp(`(?:${line}[\\s\\S]*?){${nth + 1}}`, 'm'))
      const [, port, at, pid] = [...all.matchAll(new RegExp(line, 'gm'))][nth] ?? []
      return { port: Number(port), at: Number(at), pid: Number(pid) }
    },
    events: () =>
      texts.stderr
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
  }
}

function entriesAt(registry: Registry, ports: readonly number[]): Promise<Entry[]> {
  const entries = new Map<string, Entry>()
  return new Promise((resolve) => {
    const undo = registry.watch((event) => {
      if (event.type === 'snapshot') for (const entry of event.entries) entries.set(entry.id, entry)
      else
        for (const { type, entry } of event.changes) {
          if (type === 'removed') entries.delete(entry.id)
          else entries.set(entry.id, entry)
        }
      const found = [...entries.values()].map(({ port }) => port)
      if (found.sort().join() !== [...ports].sort().join()) return
      resolve([...entries.values()])
      setImmediate(() => undo())
    })
  })
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

export function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  return stdout.trim().split(/\s+/).map(Number)
}

export const hasEnded = (pid: number): Promise<void> => expect.poll(() => isRunning(pid)).toBe(false)
