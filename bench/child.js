/**
 * What the benchmarks ask of the processes they start: a word from one, and its end. Neither is waited for in vain
 * when the process has ended by itself.
 */
import { once } from 'node:events'

/**
 * The first argument of an event of the child or of one of its streams.
 * @param {import('node:child_process').ChildProcess} child
 * @param {import('node:events').EventEmitter} emitter
 * @param {string} event
 * @throws {Error} when the child ends before.
 */
export async function heard(child, emitter, event) {
  const early = (/** @type {unknown} */ reason) =>
    new Error(`${child.spawnargs.join(' ')}: ended (${reason}) before its "${event}"`)
  if (hasEnded(child)) throw early(child.exitCode ?? child.signalCode)
  const ended = once(child, 'exit').then(([code, signal]) => Promise.reject(early(code ?? signal)))
  const [value] = await Promise.race([once(emitter, event), ended])
  return value
}

/**
 * Kills a child and resolves when it is gone.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function end(child) {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** @param {import('node:child_process').ChildProcess} child */
function hasEnded({ exitCode, signalCode }) {
  return exitCode !== null || signalCode !== null
}
