import { useEffect, useRef } from 'preact/hooks'
import type { LogLine } from './use-log.js'

/** One log over all servers; stays at the newest line unless its reader has scrolled up. */
export function MessageLog({ lines }: { lines: readonly LogLine[] }) {
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)

  useEffect(() => {
    if (lines.length > 0 && atEnd.current && box.current !== null)
      box.current.scrollTop = box.current.scrollHeight
  }, [lines])

  if (lines.length === 0) {
    return (
      <p class="log log-empty">Nothing said yet. What servers send and what you send to them appears here.</p>
    )
  }
  return (
    <div
      class="log"
      ref={box}
      role="log"
      aria-label="Messages"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 24
      }}
    >
      <ol>
        {lines.map(({ key, at, kind, server, text }) => (
          <li key={key} class={`line line-${kind}`}>
            <time dateTime={at.toISOString()}>{clock(at)}</time>
            <span class="arrow" aria-hidden="true">
              {arrows[kind]}
            </span>
            <span class="from" title={server}>
              {server}
            </span>
            <span class="text">{text}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}

const arrows = { sent: '↑', received: '↓', event: '·' } as const

function clock(at: Date): string {
  return `${at.toLocaleTimeString(undefined, { hour12: false })}.${String(at.getMilliseconds()).padStart(3, '0')}`
}
