/** Drives `register-once.js`: a process that does one thing at a time, when it is told to, and is still in between. */
import { join } from 'node:path'
import { projectRoot, type RunningProcess, startProcess } from './processes.js'

export const registerOnce = join(projectRoot, 'test/support/register-once.js')

export type Step = 'register' | 'settle' | 'deregister' | 'exit'

export interface Stepper extends RunningProcess {
  /** Starts a step. Its answer comes from `answer`. */
  send(step: Step): void
  /** The answer to the step that was sent last, or `ended (<how>)` when the process ends instead. */
  answer(): Promise<string>
  /** Both. */
  run(step: Step): Promise<string>
  /** Ends it, if need be, and resolves to its exit code or the signal's name. */
  kill(): Promise<number | string>
}

export interface StepperOptions {
  home: string
  id: string
  port?: number
  /** What to put before the command: `['setpriv', '--reuid=65534']`. */
  wrapper?: readonly string[]
}

/** Starts it and resolves once it waits for the first step. */
export async function startStepper({
  home,
  id,
  port = 4000,
  wrapper = [],
}: StepperOptions): Promise<Stepper> {
  const [command = process.execPath, ...args] = [...wrapper, process.execPath, registerOnce, id, String(port)]
  const env = { SHIPYARD_HOME: home, UV_THREADPOOL_SIZE: '1' }
  const running = startProcess(command, args, { env, input: true })
  let sent = 0
  const answer = async (): Promise<string> => {
    try {
      const [, text = ''] = await running.printed(new RegExp(`^${sent} (.*)\\n`, 'm'))
      return text
    } catch {
      return `ended (${await running.ended}): ${running.output()}`
    }
  }
  const send = (step: Step): void => {
    sent += 1
    running.child.stdin?.write(`${step}\n`)
  }
  const ready = await answer()
  if (ready !== 'ready') throw new Error(`${registerOnce} did not start: ${ready}`)
  return {
    ...running,
    send,
    answer,
    run(step) {
      send(step)
      return answer()
    },
    kill: () => running.stop('SIGKILL'),
  }
}
