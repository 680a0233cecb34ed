import { useState } from 'preact/hooks'
import type { LogFilter } from '../model/log-view.js'
import type { LogRow } from '../model/message-log.js'
import { labelOf } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { give } from '../page/commands.js'
import { figure } from '../parts/figures.js'
import { visibleLine } from '../parts/visible-text.js'

export interface LogToolbarProps {
  filter: LogFilter
  onFilter: (filter: LogFilter) => void
  isPaused: boolean
  onPause: (isPaused: boolean) => void
  /** How many rows have come since it was paused. */
  held: number
  count: number
  onExport: () => void
}

const kinds: readonly (readonly [LogRow['kind'], string, string])[] = [
  ['received', '↓ In', 'Received'],
  ['sent', '↑ Out', 'Sent'],
  ['event', 'Events', 'Events'],
]

export function LogToolbar(props: LogToolbarProps) {
  const { filter, onFilter, isPaused, onPause, held, count, onExport } = props
  const { log } = yard
  return (
    <div class="toolbar">
      <h2 id="messages-heading">Messages</h2>
      <p class="tally">{count > 0 && figure(count)}</p>
      <input
        type="search"
        class="filter"
        id="message-filter"
        aria-label="Filter messages"
        placeholder="Filter: text"
        value={filter.text}
        onInput={({ currentTarget: { value } }) => onFilter({ ...filter, text: value })}
      />
      <ServerChoice filter={filter} onFilter={onFilter} />
      <fieldset class="choice">
        <legend class="unseen">Directions</legend>
        {kinds.map(([kind, text, name]) => (
          <label key={kind} class={filter.kinds.has(kind) ? 'chosen' : ''} title={name}>
            <input
              type="checkbox"
              class="unseen"
              aria-label={name}
              checked={filter.kinds.has(kind)}
              onChange={({ currentTarget: { checked } }) => {
                const next = new Set(filter.kinds)
                if (checked) next.add(kind)
                else next.delete(kind)
                onFilter({ ...filter, kinds: next })
              }}
            />
            {text}
          </label>
        ))}
      </fieldset>
      <button type="button" aria-pressed={isPaused} onClick={() => onPause(!isPaused)}>
        {isPaused ? `Resume${held > 0 ? `, ${figure(held)} new` : ''}` : 'Pause'}
      </button>
      <button type="button" disabled={count === 0} onClick={onExport}>
        Export
      </button>
      <button type="button" disabled={log.end === log.first} onClick={() => give('clear')}>
        Clear
      </button>
    </div>
  )
}

/** One of the servers, or all. They are listed once somebody is about to choose: there may be a thousand, and they change. */
function ServerChoice({ filter, onFilter }: Pick<LogToolbarProps, 'filter' | 'onFilter'>) {
  const [listed, setListed] = useState<readonly string[]>([])
  const [only = ''] = filter.servers
  const list = (): void => setListed([...new Set(yard.servers.value.map(labelOf))].sort())
  return (
    <select
      aria-label="Server"
      value={only}
      onFocus={list}
      onPointerEnter={list}
      onChange={({ currentTarget: { value } }) =>
        onFilter({ ...filter, servers: new Set(value === '' ? [] : [value]) })
      }
    >
      <option value="">all servers</option>
      {[...new Set([...filter.servers, ...listed])].map((label) => (
        <option key={label} value={label}>
          {visibleLine(label, 60)}
        </option>
      ))}
    </select>
  )
}
