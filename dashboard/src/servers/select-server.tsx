import { yard } from '../model/yard.js'
import { useStore } from '../parts/store.js'
import { visibleLine } from '../parts/visible-text.js'

/** Whether messages go to this server. */
export function SelectServer({ label }: { label: string }) {
  const { selection } = yard
  const selected = useStore(selection)
  return (
    <input
      type="checkbox"
      class="select"
      aria-label={`Send to ${visibleLine(label)}`}
      checked={selected.has(label)}
      onChange={({ currentTarget: { checked } }) => {
        const next = new Set(selected)
        if (checked) next.add(label)
        else next.delete(label)
        selection.set(next)
      }}
    />
  )
}
