/**
 * Runs clean-up at the very end of the process, whatever ends it short of SIGKILL, without taking the decision to
 * end from the program that it runs in.
 */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const cleanUps = new Set<() => void>()

/**
 * Registers a synchronous function for the end of the process.
 *
 * It runs when the process exits, and on SIGINT, SIGTERM or SIGHUP if nothing else in the program listens for that
 * signal (the process then dies of it as it would have anyway). A program with a handler of its own decides for
 * itself: it either exits, which runs the function, or lives on, and nothing has happened.
 *
 * @returns its undo. With no function left, nothing of this module is attached to the process.
 */
export function onExit(cleanUp: () => void): () => void {
  if (cleanUps.size === 0) attach()
  cleanUps.add(cleanUp)
  return () => {
    if (cleanUps.delete(cleanUp) && cleanUps.size === 0) detach()
  }
}

function attach(): void {
  process.on('exit', runAll)
  for (const signal of signals) process.on(signal, onSignal)
}

function detach(): void {
  process.off('exit', runAll)
  for (const signal of signals) process.off(signal, onSignal)
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  runAll()
  detach()
  process.kill(process.pid, signal)
}

function runAll(): void {
  for (const cleanUp of [...cleanUps]) {
    cleanUps.delete(cleanUp)
    cleanUp()
  }
}
