/** The rows of the log of which it is the turn; stays at the newest one unless its reader has scrolled up. */
import type { CSSProperties } from 'preact'
import type { LogView } from '../model/log-view.js'
import type { LogRow } from '../model/message-log.js'
import { clockTime } from '../parts/figures.js'
import { Shortened } from '../parts/shortened.js'
import { VirtualList } from '../parts/virtual-list.js'
import { visibleLine } from '../parts/visible-text.js'
import { lineOf, sizeText } from './content.js'

export interface LogListProps {
  view: LogView
  isFollowing: boolean
  onFollow: (isFollowing: boolean) => void
  /** The row that is open, by its number. */
  opened: number | undefined
  onOpen: (row: LogRow) => void
  isNarrow: boolean
}

export function LogList({ view, isFollowing, onFollow, opened, onOpen, isNarrow }: LogListProps) {
  const index = opened === undefined ? undefined : indexOf(view, opened)
  const move = (to: number): void => {
    const row = view.row(Math.max(0, Math.min(view.count - 1, to)))
    if (row === undefined) return
    onFollow(false)
    onOpen(row)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const from = index ?? (event.key === 'ArrowUp' ? view.count : view.count - 1)
    const steps: Record<string, number> = {
      ArrowUp: from - 1,
      ArrowDown: from + 1,
      PageUp: from - 15,
      PageDown: from + 15,
      Home: 0,
      End: view.count - 1,
    }
    const to = steps[event.key]
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    move(to)
  }
  return (
    <VirtualList
      count={view.count}
      itemHeight={isNarrow ? 44 : 26}
      forgotten={view.forgotten}
      isFollowing={isFollowing}
      onAtEnd={onFollow}
      active={index}
      activeKey={opened}
      boxProps={{ class: 'scroll log-rows' }}
      innerProps={{
        role: 'listbox',
        tabIndex: 0,
        'aria-label': 'Messages, oldest first',
        'aria-activedescendant': index === undefined ? undefined : rowId(opened ?? 0),
        onKeyDown,
      }}
      render={(at, style) => {
        const row = view.row(at)
        return (
          row && (
            <LogLine
              key={row.seq}
              row={row}
              style={style}
              position={at + 1}
              isOpen={row.seq === opened}
              onOpen={onOpen}
            />
          )
        )
      }}
    />
  )
}

interface LogLineProps {
  row: LogRow
  style: CSSProperties
  position: number
  isOpen: boolean
  onOpen: (row: LogRow) => void
}

const arrows = { sent: '↑', received: '↓', event: '·' } as const

function LogLine({ row, style, position, isOpen, onOpen }: LogLineProps) {
  const { seq, at, kind, label, data } = row
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys, and the focus
    <div
      id={rowId(seq)}
      class={`line line-${kind} ${isOpen ? 'open' : ''}`}
      role="option"
      aria-selected={isOpen}
      aria-posinset={position}
      style={style}
      onClick={() => onOpen(row)}
    >
      <time>{clockTime(at)}</time>
      <span class="arrow" title={kind}>
        {arrows[kind]}
      </span>
      <span class="from" title={visibleLine(label)}>
        <Shortened text={label} />
      </span>
      <span class="text">
        {kind === 'sent' && 'Sent: '}
        {lineOf(data)}
      </span>
      <span class="size">{kind !== 'event' && sizeText(data)}</span>
    </div>
  )
}

function rowId(seq: number): string {
  return `row-${seq}`
}

/** Where a row stands among those that are shown, which are in the order of their numbers. */
function indexOf(view: LogView, seq: number): number | undefined {
  let low = 0
  let high = view.count - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = view.row(middle)?.seq ?? -1
    if (found === seq) return middle
    if (found < seq) low = middle + 1
    else high = middle - 1
  }
  return undefined
}
