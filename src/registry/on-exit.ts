/**
 * Runs clean-up at the very end of the process, whatever ends it short of SIGKILL, without taking the decision to
 * end from the program that it runs in.
 */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What is to be done, and the listeners that do it: one for the process, however many copies of wsyard are in it. */
interface ExitHook {
  readonly cleanUps: Set<() => void>
  attach(): void
  detachSoon(): void
}

/**
 * Registers a synchronous function for the end of the process.
 *
 * It runs when the process exits, and on SIGINT, SIGTERM or SIGHUP if nothing else in the program listens for that
 * signal (the process then dies of it as it would have anyway). A program with a handler of its own decides for
 * itself: it either exits, which runs the function, or lives on, and nothing has happened.
 *
 * @returns its undo. With no function left, nothing of this module stays attached to the process, but for two turns of
 *   the event loop: a signal that has come by now is told in the next one, and would be lost if nobody were listening.
 */
export function onExit(cleanUp: () => void): () => void {
  const hook = exitHook()
  if (hook.cleanUps.size === 0) hook.attach()
  hook.cleanUps.add(cleanUp)
  return () => {
    if (hook.cleanUps.delete(cleanUp) && hook.cleanUps.size === 0) hook.detachSoon()
  }
}

const key = Symbol.for('wsyard.exit-hook')

function exitHook(): ExitHook {
  const owner: NodeJS.Process & { [key]?: ExitHook } = process
  owner[key] ??= createExitHook()
  return owner[key]
}

function createExitHook(): ExitHook {
  const cleanUps = new Set<() => void>()
  let isAttached = false
  let leaving: NodeJS.Immediate | undefined
  const runAll = (): void => {
    for (const cleanUp of [...cleanUps]) {
      cleanUps.delete(cleanUp)
      cleanUp()
    }
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return
    runAll()
    detach()
    process.kill(process.pid, signal)
  }
  const attach = (): void => {
    clearImmediate(leaving)
    if (isAttached) return
    isAttached = true
    process.on('exit', runAll)
    // First of all listeners: one that was added by `once` has taken itself off by the time it runs, and must count.
    for (const signal of signals) process.prependListener(signal, onSignal)
  }
  const detach = (): void => {
    isAttached = false
    process.off('exit', runAll)
    for (const signal of signals) process.off(signal, onSignal)
  }
  const detachSoon = (): void => {
    leaving = setImmediate(() => {
      leaving = setImmediate(detach)
    })
  }
  return { cleanUps, attach, detachSoon }
}
