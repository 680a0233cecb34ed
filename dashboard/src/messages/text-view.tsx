/** A text as it is, a part at a time: a line of a megabyte would hold up the page. */
import { useState } from 'preact/hooks'
import { figure } from '../parts/figures.js'
import { visibleText } from '../parts/visible-text.js'

/** In characters. */
const part = 20_000

export function TextView({ text }: { text: string }) {
  const [shown, setShown] = useState(part)
  return (
    <div class="text-view">
      <pre dir="auto">{visibleText(text.slice(0, shown))}</pre>
      {text.length > shown && (
        <button type="button" onClick={() => setShown(shown + part * 5)}>
          Show more: {figure(shown)} of {figure(text.length)} characters
        </button>
      )}
    </div>
  )
}
