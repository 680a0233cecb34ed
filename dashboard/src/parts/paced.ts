/**
 * Does something once for many calls: with the next frame, and no more often than asked for.
 */

/** A page that nobody sees has no frames; it goes on at this pace, for its title at least. */
const hiddenMs = 250

/** @param minMs how long after one run the next one may come, at the soonest; asked anew for each */
export function paced(run: () => void, minMs = (): number => 0): () => void {
  let isDue = false
  let lastAt = Number.NEGATIVE_INFINITY

  const withFrame = (): void => {
    const timer = setTimeout(finish, hiddenMs)
    const frame = requestAnimationFrame(finish)
    function finish(): void {
      clearTimeout(timer)
      cancelAnimationFrame(frame)
      isDue = false
      lastAt = performance.now()
      run()
    }
  }
  return () => {
    if (isDue) return
    isDue = true
    const waitMs = lastAt + minMs() - performance.now()
    if (waitMs > 0) setTimeout(withFrame, waitMs)
    else withFrame()
  }
}
