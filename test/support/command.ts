/** The command as a process, with what it prints and what it says told apart. */
import { join } from 'node:path'
import {
  projectRoot,
  type RunningProcess,
  type StartOptions,
  startProcess,
  type TestHome,
} from './processes.js'

export const wsyard: string = join(projectRoot, 'dist/bin/wsyard.js')

export interface RunningCommand extends RunningProcess {
  /** What it has printed on its standard output. */
  printedOut(): string
  /** What it has said on its error output. */
  said(): string
}

/** Starts it with an input that stays open. */
export function startCommand(
  home: TestHome,
  args: readonly string[],
  options: StartOptions = {},
): RunningCommand {
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  const running = home.own(
    startProcess(process.execPath, [wsyard, ...args], { env, input: true, ...options }),
  )
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    running.child[name]?.on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  return { ...running, printedOut: () => texts.stdout, said: () => texts.stderr }
}

export interface Ended {
  readonly code: number | string
  readonly out: string
  readonly err: string
}

/** Gives it an input, or none, and waits for its end. */
export async function runCommand(
  home: TestHome,
  args: readonly string[],
  { input = '', ...options }: Omit<StartOptions, 'input'> & { input?: string } = {},
): Promise<Ended> {
  const command = startCommand(home, args, options)
  command.child.stdin?.end(input)
  return { code: await command.ended, out: command.printedOut(), err: command.said() }
}
