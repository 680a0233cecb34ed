/** Processes of their own that look at a registry, in whatever surroundings a test puts them. */
import { join } from 'node:path'
import type { WatchEvent } from '../../src/registry/index.js'
import { projectRoot, type RunningProcess, startProcess, type TestHome } from './processes.js'
import { createReplay, type Replay } from './replay.js'

type Line = { clock: string } & (WatchEvent | { type: 'warning' | 'problem'; code: string; message: string })

export interface Observer extends RunningProcess {
  /** What its watch adds up to so far. */
  replay(): Replay
  ids(): string[]
  /** Its warnings and problems so far, each as its code and message. */
  complaints(): string[]
  /** The time on its clock when it last said something, in milliseconds. */
  clock(): number
}

export interface Surroundings {
  /** A command that runs the command behind it. */
  prefix?: readonly string[]
  nodeArgs?: readonly string[]
  env?: Record<string, string>
}

/** Starts a process that watches, and resolves once it has its first view, or has said what is in the way. */
export async function startObserver(home: TestHome, surroundings: Surroundings = {}): Promise<Observer> {
  const running = home.own(startNode(home, 'test/support/observer.js', [], surroundings))
  await running.printed(/"type":"(snapshot|problem)".*\n/)
  const told = createReplay()
  const complaints: string[] = []
  let clock = ''
  let taken = 0 // so much of its output has been taken
  /** Takes what it has said since the last time; a line that throws is the next one again. */
  const take = (): void => {
    const text = running.output()
    for (let end = text.indexOf('\n', taken); end !== -1; end = text.indexOf('\n', taken)) {
      const line = text.slice(taken, end)
      if (line.startsWith('{')) {
        const said = JSON.parse(line) as Line
        if (said.type === 'snapshot' || said.type === 'change') told.take(said)
        else complaints.push(`${said.code} ${said.message}`)
        clock = said.clock
      }
      taken = end + 1
    }
  }
  const after = <Result>(look: () => Result): Result => {
    take()
    return look()
  }
  return {
    ...running,
    replay: () => after(() => told),
    ids: () => after(told.ids),
    complaints: () => after(() => [...complaints]),
    clock: () => after(() => Date.parse(clock)),
  }
}

/** What the command lists in these surroundings: the ids, or else what it says on the way out. */
export async function listIn(home: TestHome, surroundings: Surroundings = {}): Promise<string[] | string> {
  const running = home.own(startNode(home, 'dist/bin/wsyard.js', ['list', '--json'], surroundings))
  if ((await running.ended) !== 0) return running.output()
  const text = running.output()
  const { servers } = JSON.parse(text.slice(text.indexOf('{\n'))) as { servers: { id: string }[] }
  return servers.map(({ id }) => id).sort()
}

/** Starts a script of the project in these surroundings. */
export function startNode(
  home: TestHome,
  script: string,
  args: readonly string[],
  { prefix = [], nodeArgs = [], env = {} }: Surroundings,
): RunningProcess {
  const all = [...prefix, process.execPath, ...nodeArgs, join(projectRoot, script), ...args]
  const [command = '', ...rest] = all
  return startProcess(command, rest, { env: { SHIPYARD_HOME: home.path, ...env } })
}
