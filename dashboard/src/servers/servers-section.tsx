/** All servers: as cards, as a table, or as a timeline. */
import { useMemo, useState } from 'preact/hooks'
import {
  arranged,
  isInState,
  type ServerFilter,
  type SortKey,
  type SortOrder,
} from '../model/server-order.js'
import { connectedIn, labelOf } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { Choice } from '../parts/choice.js'
import { count } from '../parts/figures.js'
import { remembered, rememberedChoice } from '../parts/remembered.js'
import { createStore, useStore } from '../parts/store.js'
import { EmptyState } from '../states/empty-state.js'
import { Timeline } from '../timeline/timeline.js'
import { ServerCards } from './server-cards.js'
import { ServerTable } from './server-table.js'

export const viewChoice = rememberedChoice('view', ['cards', 'table', 'timeline'])

const orderChoice = remembered<SortOrder>(
  'order',
  { key: 'name', isDescending: false },
  (kept): kept is SortOrder =>
    typeof kept === 'object' && kept !== null && 'key' in kept && kept.key !== undefined,
)

/** Of no server. */
const nothing = createStore(new Map<string, never>())

const states = [
  'any',
  'not connected',
  'connected',
  'connecting',
  'disconnected',
  'unresponsive',
  'orphaned',
] as const

const orders: readonly (readonly [SortKey, string])[] = [
  ['name', 'name'],
  ['started', 'start'],
  ['state', 'state, trouble first'],
  ['meta', 'meta'],
  ['port', 'port'],
  ['roundTrip', 'round trip'],
  ['received', 'messages in'],
  ['sent', 'messages out'],
]

export function ServersSection() {
  const servers = useStore(yard.servers)
  const { status } = useStore(yard.hub)
  const view = useStore(viewChoice)
  const order = useStore(orderChoice)
  // What is measured changes all the time, and concerns the list only where it is sorted by it.
  const flows = useStore(order.key === 'received' || order.key === 'sent' ? yard.flows : nothing)
  const roundTrips = useStore(order.key === 'roundTrip' ? yard.roundTrips : nothing)
  const [filter, setFilter] = useState<ServerFilter>({ text: '', state: 'any' })

  const present = servers.filter(({ gone }) => gone === undefined)
  const connected = connectedIn(present)
  const missing = present.filter((server) => isInState(server, 'not connected')).length
  // The first servers are drawn a moment after the hub has told of them.
  const isDrawn = servers.length > 0 || yard.client.servers.length === 0
  const isKnown = isDrawn && (status === 'live' || status === 'polling')
  const shown = useMemo(
    () => arranged(servers, filter, order, { flows, roundTrips }),
    [servers, filter, order, flows, roundTrips],
  )

  const labels = new Set(shown.map(labelOf))
  const isShown = (label: string): boolean =>
    labels.has(label) ||
    (filter.state === 'any' && label.toLowerCase().includes(filter.text.trim().toLowerCase()))

  return (
    <section class="servers" aria-labelledby="servers-heading">
      <div class="toolbar">
        <h1 id="servers-heading">
          {servers.length > 0 || isKnown
            ? `Found ${count(present.length, 'server')}`
            : status === 'lost'
              ? 'Servers unknown'
              : 'Looking for servers…'}
        </h1>
        <p class="tally">
          {present.length > 0 && `${connected} connected`}
          {missing > 0 && (
            <button
              type="button"
              class="missing"
              title="Show those that are not connected"
              onClick={() => setFilter({ text: '', state: 'not connected' })}
            >
              {missing} not
            </button>
          )}
        </p>
        <input
          type="search"
          class="filter"
          id="server-filter"
          aria-label="Filter servers"
          title="Words, or field:value as in role:agent"
          placeholder="Filter: name, port, role:agent"
          value={filter.text}
          onInput={({ currentTarget: { value } }) => setFilter({ ...filter, text: value })}
        />
        <select
          aria-label="State"
          value={filter.state}
          onChange={({ currentTarget: { value } }) =>
            setFilter({ ...filter, state: states.find((state) => state === value) ?? 'any' })
          }
        >
          {states.map((state) => (
            <option key={state} value={state}>
              {state === 'any' ? 'any state' : state}
            </option>
          ))}
        </select>
        {view === 'cards' && (
          <select
            aria-label="Order"
            value={order.key}
            onChange={({ currentTarget: { value } }) => {
              const [key] = orders.find(([one]) => one === value) ?? ['name' as const]
              orderChoice.set({ key, isDescending: key === 'received' || key === 'sent' })
            }}
          >
            {orders.map(([key, label]) => (
              <option key={key} value={key}>
                by {label}
              </option>
            ))}
          </select>
        )}
        <Choice
          name="View"
          value={view}
          onChange={viewChoice.set}
          options={[
            ['cards', 'Cards'],
            ['table', 'Table'],
            ['timeline', 'Timeline'],
          ]}
        />
      </div>
      {view === 'timeline' ? (
        <Timeline isShown={isShown} />
      ) : servers.length === 0 && isKnown ? (
        <EmptyState />
      ) : shown.length === 0 && servers.length > 0 ? (
        <p class="nothing">
          No server matches.{' '}
          <button type="button" onClick={() => setFilter({ text: '', state: 'any' })}>
            Show all {servers.length}
          </button>
        </p>
      ) : view === 'cards' ? (
        <ServerCards servers={shown} />
      ) : (
        <ServerTable servers={shown} order={order} onOrder={orderChoice.set} />
      )}
    </section>
  )
}
