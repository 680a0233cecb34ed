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

/** Starts a process that watches, and resolves once it has its first view. */
export async function startObserver(home: TestHome, surroundings: Surroundings = {}): Promise<Observer> {
  const running = home.own(startNode(home, 'test/support/observer.js', [], surroundings))
  await running.printed(/"type":"snapshot".*\n/)
  const lines = (): Line[] => {
    const text = running.output()
    const whole = text.slice(0, text.lastIndexOf('\n')).split('\n')
    return whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line)
  }
  const replay = (): Replay => {
    const result = createReplay()
    for (const line of lines()) if (line.type === 'snapshot' || line.type === 'change') result.take(line)
    return result
  }
  return {
    ...running,
    replay,
    ids: () => replay().ids(),
    complaints: () =>
      lines().flatMap((line) =>
        line.type === 'warning' || line.type === 'problem' ? [`${line.code} ${line.message}`] : [],
      ),
    clock: () => Date.parse(lines().at(-1)?.clock ?? ''),
  }
}

/** What the command lists in these surroundings: the ids, or else what it says on the way out. */
export async function listIn(home: TestHome, surroundings: Surroundings = {}): Promise<string[] | string> {
  const running = home.own(startNode(home, 'dist/cli/main.js', ['list', '--json'], surroundings))
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
