import { useEffect, useMemo, useState } from 'preact/hooks'
import { createLogView, type LogFilter, type LogView } from '../model/log-view.js'
import type { MessageLog } from '../model/message-log.js'
import { paced } from '../parts/paced.js'

/** How often a log that flows is shown anew, in milliseconds: nobody reads faster, and the first of a burst is shown at once. */
const showMs = 200

/** The same of a flood, of which nobody reads anything: drawing it takes from the time in which messages are taken in. */
const floodMs = 500

/** So many rows since the last time are a flood: far more than are seen at once. */
const floodRows = 200

/** How long one look through the log may hold up the page, in milliseconds. */
const budgetMs = 8

/** What of the log is shown; the component is rendered again as it changes. */
export function useLogView(log: MessageLog, filter: LogFilter, isPaused: boolean): LogView {
  const [, setShown] = useState({})
  const { view, show, pace } = useMemo(() => {
    const view = createLogView(log)
    let end = log.end
    let isFlood = false
    let shownAt = 0
    const look = (): void => {
      view.update(budgetMs)
      if (view.isBehind) goOn()
      // What is found is shown now and then while the rest is looked through.
      const now = performance.now()
      if (view.isBehind && now - shownAt < showMs) return
      shownAt = now
      setShown({})
    }
    const goOn = paced(look)
    const show = (): void => {
      isFlood = log.end - end > floodRows
      end = log.end
      shownAt = 0
      look()
    }
    return { view, show, pace: () => (isFlood ? floodMs : showMs) }
  }, [log])

  useEffect(() => log.subscribe(paced(show, pace)), [log, show, pace])
  useEffect(() => {
    view.setPaused(isPaused)
    view.setFilter(filter)
    show()
  }, [view, show, filter, isPaused])
  return view
}
