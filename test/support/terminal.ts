/** A process in a terminal, as a person has one: what it prints and what is typed go through a pty of util-linux's `script`. */
import { spawnSync } from 'node:child_process'
import { type RunningProcess, type StartOptions, startProcess } from './processes.js'

/** `script` of other systems takes other arguments. */
export const hasTerminal: boolean =
  process.platform === 'linux' && spawnSync('script', ['--version']).stdout?.includes('util-linux') === true

export interface TerminalProcess extends RunningProcess {
  /** Types a text; `\x03` is Ctrl+C and `\x04` Ctrl+D. */
  type(text: string): void
}

export function startInTerminal(args: readonly string[], options: StartOptions = {}): TerminalProcess {
  const command = [process.execPath, ...args].map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(' ')
  // `exec`, or a shell that stays (dash does) answers for it: a Ctrl+C, which goes to both, would be its 130.
  const running = startProcess('script', ['-qefc', `exec ${command}`, '/dev/null'], {
    ...options,
    input: true,
  })
  return { ...running, type: (text) => void running.child.stdin?.write(text) }
}
