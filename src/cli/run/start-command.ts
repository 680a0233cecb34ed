/**
 * Starts a command in a session and process group of its own, with the terminal's input and output. What it leaves running is
 * `end-family.ts`'s affair.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { isatty } from 'node:tty'
import { reasonOf } from '../../core/index.js'
import { isInBackground } from './in-background.js'

export interface CommandLine {
  readonly file: string
  readonly args: readonly string[]
  /** The environment variable that gets a free port, if one is to be given. */
  readonly portVariable: string | undefined
}

/** How a command has ended: one of the two is null. */
export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface RunningCommand {
  readonly pid: number
  readonly ended: Promise<Outcome>
}

/** Why a command was not started, and with which code shells end then. */
export interface NotStarted {
  readonly code: 126 | 127
  readonly message: string
}

/** Resolves to the running command before anything else can happen, signals included. */
export async function startCommand(
  { file, args, portVariable }: CommandLine,
  port: number | undefined,
): Promise<RunningCommand | NotStarted> {
  const given = portVariable === undefined || port === undefined ? {} : { [portVariable]: String(port) }
  const child = spawn(file, args, {
    // In a session of its own it is stopped by no terminal when it reads what is typed for others.
    stdio: [isatty(0) && isInBackground() ? 'ignore' : 'inherit', 'inherit', 'inherit'],
    env: { ...process.env, ...given },
    detached: process.platform !== 'win32', // where that would open a window
  })
  const { pid } = child
  if (pid === undefined)
    return new Promise((resolve) => child.once('error', (error) => resolve(notStarted(file, error))))
  child.on('error', () => {}) // of signals that it could not be sent, which this process sends without it
  const ended = new Promise<Outcome>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  return { pid, ended }
}

function notStarted(file: string, error: NodeJS.ErrnoException): NotStarted {
  if (error.code === 'ENOENT') {
    const message = `There is no command "${file}". Look how it is written, and whether it is in a directory of PATH.`
    return { code: 127, message }
  }
  const why =
    error.code === 'EACCES'
      ? 'it may not be executed. Is it a program, and executable (chmod +x)?'
      : `${reasonOf(error)}. Does it begin with a line such as #!/bin/sh?`
  return { code: 126, message: `The command "${file}" cannot be started: ${why}` }
}

/** Sends a signal to a process group, by the pid of its head; to none if it is empty. */
export function signalGroup(head: number, signal: NodeJS.Signals): void {
  if (process.platform !== 'win32') signalProcess(-head, signal)
}

/** Sends a signal to a process; to none if it has ended. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended just now, or is another user's by now, as what `sudo` starts is: both are as without wsyard.
  }
}

/** The code by which a shell tells of a signal: what is left where this process cannot end by the same signal. */
export function codeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}
