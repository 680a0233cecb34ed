import { visibleLine } from './visible-text.js'

/** Shorter ones are shown as they are, and so many signs are kept at the end. */
const short = 12
const tail = 7

/** A name in one line that gives up its middle where there is no room: what tells names apart stands at their ends more often. */
export function Shortened({ text }: { text: string }) {
  const shown = visibleLine(text)
  if (shown.length <= short) return <>{shown}</>
  return (
    <span class="shortened">
      <span>{shown.slice(0, -tail)}</span>
      <span>{shown.slice(-tail)}</span>
    </span>
  )
}
