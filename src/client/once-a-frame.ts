/**
 * Does something once for many calls: with the next frame.
 */

/** A page that nobody sees has no frames, and what is no page has none at all. Both go on at this pace. */
const hiddenMs = 250

/** @returns what asks for a run, and what sees to it that none comes any more */
export function onceAFrame(run: () => void): [ask: () => void, close: () => void] {
  let undo: (() => void) | undefined
  const finish = (): void => {
    undo?.()
    undo = undefined
    run()
  }
  const ask = (): void => {
    if (undo) return
    const timer = setTimeout(finish, hiddenMs)
    const frame = globalThis.requestAnimationFrame?.(finish)
    undo = () => {
      clearTimeout(timer)
      globalThis.cancelAnimationFrame?.(frame)
    }
  }
  return [ask, () => undo?.()]
}
