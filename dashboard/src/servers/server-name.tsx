import { yard } from '../model/yard.js'
import { Shortened } from '../parts/shortened.js'
import { visibleLine } from '../parts/visible-text.js'

/** What a server is called; opens its panel. */
export function ServerName({ label }: { label: string }) {
  const shown = visibleLine(label)
  return (
    <button
      type="button"
      class="name"
      title={shown}
      aria-label={shown}
      onClick={() => yard.opened.set(label)}
    >
      <Shortened text={label} />
    </button>
  )
}
