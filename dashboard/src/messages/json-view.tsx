/** JSON as a tree that folds, with a search that opens what it finds. */
import { useMemo, useState } from 'preact/hooks'
import { figure } from '../parts/figures.js'
import { visibleLine, visibleText } from '../parts/visible-text.js'

/** How many members of one object are shown before more are asked for. */
const atOnce = 100

/** How deep is searched and unfolded; what lies deeper is shown as text. */
const maxDepth = 100

export function JsonView({ value, isSearchable = true }: { value: object; isSearchable?: boolean }) {
  const [query, setQuery] = useState('')
  const found = useMemo(() => (query === '' ? undefined : search(value, query.toLowerCase())), [value, query])
  return (
    <div class="json">
      {isSearchable && (
        <p class="json-search">
          <input
            type="search"
            aria-label="Search in this message"
            placeholder="Search keys and values"
            value={query}
            onInput={({ currentTarget: { value: next } }) => setQuery(next)}
          />
          <output>{found && `${found.hits} found`}</output>
        </p>
      )}
      <Node name={undefined} value={value} depth={0} query={query.toLowerCase()} within={found?.within} />
    </div>
  )
}

interface NodeProps {
  name: string | undefined
  value: unknown
  depth: number
  query: string
  /** The objects within which something was found; undefined while nothing is searched for. */
  within: ReadonlySet<unknown> | undefined
}

function Node({ name, value, depth, query, within }: NodeProps) {
  const [isOpen, setOpen] = useState(depth < 2)
  const [limit, setLimit] = useState(atOnce)
  if (typeof value !== 'object' || value === null || depth > maxDepth)
    return (
      <div class="leaf">
        <Name name={name} query={query} />
        <Leaf value={value} query={query} />
      </div>
    )
  const entries = Object.entries(value)
  const isArray = Array.isArray(value)
  const summary = isArray ? `[${entries.length}]` : `{${entries.length}}`
  const isUnfolded = within?.has(value) || isOpen
  return (
    <details open={isUnfolded} onToggle={({ currentTarget: { open } }) => setOpen(open)}>
      <summary>
        <Name name={name} query={query} />
        <span class="count">{summary}</span>
      </summary>
      {isUnfolded && (
        <div class="members">
          {entries.slice(0, limit).map(([key, member]) => (
            <Node key={key} name={key} value={member} depth={depth + 1} query={query} within={within} />
          ))}
          {entries.length > limit && (
            <button type="button" onClick={() => setLimit(limit * 10)}>
              Show more of {figure(entries.length)}
            </button>
          )}
        </div>
      )}
    </details>
  )
}

function Name({ name, query }: { name: string | undefined; query: string }) {
  if (name === undefined) return null
  return (
    <span class="key">
      <Marked text={visibleLine(name)} query={query} />:{' '}
    </span>
  )
}

function Leaf({ value, query }: { value: unknown; query: string }) {
  const text = typeof value === 'object' && value !== null ? '…' : JSON.stringify(value)
  const shown = text.length > 2000 ? `${text.slice(0, 2000)}… (${figure(text.length)} characters)` : text
  return (
    <span class={`value-${value === null ? 'null' : typeof value}`}>
      <Marked text={visibleText(shown)} query={query} />
    </span>
  )
}

/** A text in which what is searched for stands out. */
function Marked({ text, query }: { text: string; query: string }) {
  const at = query === '' ? -1 : text.toLowerCase().indexOf(query)
  if (at < 0) return <>{text}</>
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + query.length)}</mark>
      {text.slice(at + query.length)}
    </>
  )
}

/** What holds the text: how often, and within which objects. */
function search(root: object, query: string): { hits: number; within: ReadonlySet<unknown> } {
  const within = new Set<unknown>()
  let hits = 0
  const look = (value: object, depth: number): boolean => {
    let isFound = false
    for (const [key, member] of Object.entries(value)) {
      const isObject = typeof member === 'object' && member !== null
      const isHit =
        (!Array.isArray(value) && key.toLowerCase().includes(query)) ||
        (!isObject && String(member).toLowerCase().includes(query))
      if (isHit) hits += 1
      const isInside = isObject && depth < maxDepth && look(member, depth + 1)
      isFound ||= isHit || isInside
    }
    if (isFound) within.add(value)
    return isFound
  }
  look(root, 0)
  return { hits, within }
}
