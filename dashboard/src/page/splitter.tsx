/** The border between servers and messages, which can be moved. */
import { remembered } from '../parts/remembered.js'
import { useStore } from '../parts/store.js'

/** How much of the height the servers have, in percent. */
export const split = remembered(
  'split',
  44,
  (kept): kept is number => typeof kept === 'number' && kept >= 15 && kept <= 80,
)

export function Splitter() {
  const value = useStore(split)
  const set = (next: number): void => split.set(Math.round(Math.min(80, Math.max(15, next))))
  return (
    <div
      class="splitter"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the servers"
      aria-valuenow={value}
      aria-valuemin={15}
      aria-valuemax={80}
      tabIndex={0}
      onKeyDown={(event) => {
        const step = { ArrowUp: -4, ArrowDown: 4 }[event.key]
        if (step === undefined) return
        event.preventDefault()
        set(value + step)
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const { currentTarget, pointerId, clientY } = event
        if (!currentTarget.hasPointerCapture(pointerId)) return
        const main = currentTarget.parentElement?.getBoundingClientRect()
        if (main !== undefined) set(((clientY - main.top) / main.height) * 100)
      }}
    />
  )
}
