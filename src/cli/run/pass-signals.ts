/**
 * Hands the signals of this process on to a command, each once: the command has a session of its own, so the terminal sends it none.
 */
import { signalGroup, signalProcess } from './start-command.js'

/** What a terminal sends to all processes of a command. */
const ofTerminals = ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGWINCH'] as const

/** What somebody sends to one process. */
const ofPeople = ['SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const

/**
 * Hands on what comes from now on.
 *
 * @param target the pid of the command; undefined while none runs
 * @param onSignal hears of each signal before it is handed on, and whether all of the command's group get it; not of those that stop and continue
 * @returns its undo.
 */
export function passSignals(
  target: () => number | undefined,
  onSignal: (signal: NodeJS.Signals, isForAll: boolean) => void,
): () => void {
  const undo: (() => void)[] = []
  const on = (signal: NodeJS.Signals, listener: () => void): void => {
    process.on(signal, listener)
    undo.push(() => process.off(signal, listener))
  }
  const pass = (signal: NodeJS.Signals, send: (pid: number, signal: NodeJS.Signals) => void): void => {
    const pid = target()
    if (pid !== undefined) send(pid, signal)
  }
  for (const signal of ofTerminals) {
    on(signal, () => {
      onSignal(signal, true)
      pass(signal, signalGroup)
    })
  }
  for (const signal of ofPeople) {
    on(signal, () => {
      onSignal(signal, false)
      pass(signal, signalProcess)
    })
  }
  on('SIGTSTP', () => {
    pass('SIGSTOP', signalGroup) // its own SIGTSTP the system drops, for want of a shell in its session
    process.kill(process.pid, 'SIGSTOP')
  })
  on('SIGCONT', () => pass('SIGCONT', signalGroup))
  return () => {
    for (const step of undo) step()
  }
}
