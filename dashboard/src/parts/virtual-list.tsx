/**
 * A long list of which only the part that is seen is in the page. All items have the same height; there may be several in a row.
 */
import type { ComponentChildren, CSSProperties, HTMLAttributes } from 'preact'
import { type Dispatch, type StateUpdater, useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface VirtualListProps {
  count: number
  /** Of an item with the gap below it, in pixels. */
  itemHeight: number
  /** Of an item with the gap beside it, in pixels: as many stand side by side as there is room for. @default all the width */
  minWidth?: number
  /** How many items that stood before the first one are no longer there: what is read stays where it is. @default 0 */
  forgotten?: number
  /** Stays at the last item. */
  isFollowing?: boolean
  /** Hears whether the reader is at the end. */
  onAtEnd?: (isAtEnd: boolean) => void
  /** An item that is kept in the page: the one that has the focus. */
  active?: number | undefined
  /** What that item is, wherever it stands: it is brought into sight when it is another. */
  activeKey?: unknown
  /** What stands above the items, and stays in sight. */
  head?: ComponentChildren
  /** Renders an item; `style` puts it in its place. */
  render: (index: number, style: CSSProperties) => ComponentChildren
  boxProps?: HTMLAttributes<HTMLDivElement>
  innerProps?: HTMLAttributes<HTMLDivElement>
}

/** What is drawn above and below of what is seen, in pixels, for the time that a fast scroll takes to be heard of. */
const spareHeight = { scrolled: 180, followed: 20 }

/** What may be left to the end for a reader to count as being there, in pixels. */
const nearEnd = 8

/** The part of the list that is seen, in pixels. */
interface Seen {
  readonly top: number
  readonly height: number
  readonly width: number
}

export function VirtualList(props: VirtualListProps) {
  const {
    count,
    itemHeight,
    minWidth = Number.POSITIVE_INFINITY,
    forgotten = 0,
    isFollowing = false,
    active,
    activeKey,
  } = props
  const { onAtEnd, render, boxProps, innerProps } = props
  const own = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState<Seen>({ top: 0, height: 800, width: 0 })
  const columns = Math.max(1, Math.floor(seen.width / minWidth))
  const rows = Math.ceil(count / columns)

  useLayoutEffect(() => {
    const box = own.current
    if (box === null) return
    look(box, setSeen)
    const observer = new ResizeObserver(() => look(box, setSeen))
    observer.observe(box)
    return () => observer.disconnect()
  }, [])

  const forgottenBefore = useRef(forgotten)
  useLayoutEffect(() => {
    const box = own.current
    const moved = forgotten - forgottenBefore.current
    forgottenBefore.current = forgotten
    if (box !== null && moved > 0 && !isFollowing) box.scrollTop -= Math.floor(moved / columns) * itemHeight
  })

  useLayoutEffect(() => {
    const box = own.current
    if (box === null || !isFollowing) return
    box.scrollTop = box.scrollHeight
    look(box, setSeen)
  })

  const activeBefore = useRef(activeKey)
  useLayoutEffect(() => {
    const box = own.current
    if (box === null || active === undefined || activeKey === activeBefore.current) return
    activeBefore.current = activeKey
    const top = Math.floor(active / columns) * itemHeight
    if (top < box.scrollTop) box.scrollTop = top
    else if (top + itemHeight > box.scrollTop + box.clientHeight)
      box.scrollTop = top + itemHeight - box.clientHeight
  })

  // What was scrolled to may be gone with a filter.
  const top = Math.max(0, Math.min(seen.top, rows * itemHeight - seen.height))
  const spare = Math.ceil((isFollowing ? spareHeight.followed : spareHeight.scrolled) / itemHeight)
  const from = Math.max(0, Math.floor(top / itemHeight) - spare) * columns
  const to = Math.min(count, (Math.ceil((top + seen.height) / itemHeight) + spare) * columns)
  const indexes = Array.from({ length: Math.max(0, to - from) }, (_, offset) => from + offset)
  if (active !== undefined && active < count && (active < from || active >= to)) indexes.push(active)

  return (
    <div
      {...boxProps}
      ref={own}
      onScroll={({ currentTarget }) => {
        look(currentTarget, setSeen)
        const { scrollTop, scrollHeight, clientHeight } = currentTarget
        onAtEnd?.(scrollHeight - scrollTop - clientHeight < nearEnd)
      }}
      onWheel={({ deltaY }) => {
        if (deltaY < 0) onAtEnd?.(false) // before the next row comes and takes the reader back
      }}
    >
      {props.head}
      <div {...innerProps} class="virtual" style={{ height: `${rows * itemHeight}px` }}>
        {indexes.map((index) =>
          render(index, {
            width: `${100 / columns}%`,
            transform: `translate(${(index % columns) * 100}%, ${Math.floor(index / columns) * itemHeight}px)`,
          }),
        )}
      </div>
    </div>
  )
}

function look(
  { scrollTop: top, clientHeight: height, clientWidth: width }: HTMLDivElement,
  setSeen: Dispatch<StateUpdater<Seen>>,
): void {
  setSeen((before) =>
    before.top === top && before.height === height && before.width === width
      ? before
      : { top, height, width },
  )
}
