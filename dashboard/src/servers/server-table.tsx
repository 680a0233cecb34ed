import type { CSSProperties } from 'preact'
import { useMemo } from 'preact/hooks'
import { addressOf, type SortKey, type SortOrder } from '../model/server-order.js'
import { labelOf, type ShownServer } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { figure } from '../parts/figures.js'
import { Shortened } from '../parts/shortened.js'
import { State } from '../parts/state.js'
import { useStore } from '../parts/store.js'
import { VirtualList } from '../parts/virtual-list.js'
import { visibleLine } from '../parts/visible-text.js'
import { RoundTrip, RoundTripLine, Uptime, useFlow } from './live-figures.js'
import { metaText } from './meta-text.js'
import { reasonText } from './reason-text.js'
import { SelectServer } from './select-server.js'
import { Foreign } from './server-card.js'
import { ServerName } from './server-name.js'
import { Where } from './where.js'

export interface ServerTableProps {
  servers: readonly ShownServer[]
  order: SortOrder
  onOrder: (order: SortOrder) => void
}

const columns: readonly (readonly [key: SortKey, title: string])[] = [
  ['state', 'State'],
  ['name', 'Name'],
  ['id', 'ID'],
  ['port', 'Port'],
  ['pid', 'PID'],
  ['address', 'Address'],
  ['started', 'Up'],
  ['auth', 'Auth'],
  ['transport', 'Way'],
  ['roundTrip', 'Round trip'],
  ['received', 'In/s'],
  ['sent', 'Out/s'],
  ['meta', 'Meta'],
]

/** In pixels. */
const rowHeight = 34

/** One line for each server, sorted by the column whose head was last clicked. */
export function ServerTable({ servers, order, onOrder }: ServerTableProps) {
  return (
    <div class="table" role="table" aria-label="Servers" aria-rowcount={servers.length + 1}>
      <VirtualList
        count={servers.length}
        itemHeight={rowHeight}
        boxProps={{ class: 'scroll', role: 'presentation' }}
        innerProps={{ role: 'rowgroup' }}
        head={
          <div class="row head" role="row" aria-rowindex={1}>
            <div role="columnheader">
              <span class="unseen">Send to</span>
            </div>
            {columns.map(([key, title]) => (
              <ColumnHead key={title} sortKey={key} title={title} order={order} onOrder={onOrder} />
            ))}
          </div>
        }
        render={(index, style) => {
          const server = servers[index]
          return server && <ServerRow key={server.id} server={server} index={index} style={style} />
        }}
      />
    </div>
  )
}

interface ColumnHeadProps extends Pick<ServerTableProps, 'order' | 'onOrder'> {
  sortKey: SortKey
  title: string
}

function ColumnHead({ sortKey, title, order, onOrder }: ColumnHeadProps) {
  const isSorted = order.key === sortKey
  const sorted = !isSorted ? 'none' : order.isDescending ? 'descending' : 'ascending'
  return (
    <div role="columnheader" aria-sort={sorted}>
      <button
        type="button"
        onClick={() => onOrder({ key: sortKey, isDescending: isSorted && !order.isDescending })}
      >
        {title}
        <span aria-hidden="true">{isSorted ? (order.isDescending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </div>
  )
}

interface ServerRowProps {
  server: ShownServer
  index: number
  style: CSSProperties
}

function ServerRow({ server, index, style }: ServerRowProps) {
  // Others that come and go move it, and change nothing in it.
  const cells = useMemo(() => <Cells server={server} />, [server])
  return (
    <div
      class={`row ${server.gone ? 'gone' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      data-server-id={server.id}
      style={style}
    >
      {cells}
    </div>
  )
}

function Cells({ server }: { server: ShownServer }) {
  const { id, port, pid, connection, auth = 'open', transport, meta, instance, gone } = server
  useStore(yard.places.held)
  const reason = reasonText(server, yard.places)
  return (
    <>
      <div role="cell">
        <SelectServer label={labelOf(server)} />
      </div>
      <div role="cell" title={reason && visibleLine(reason)}>
        <State connection={connection} />
      </div>
      <div role="cell" class="naming">
        <ServerName label={labelOf(server)} />
        <Where server={server} />
        {instance === undefined && <Foreign />}
        {gone && <span class="badge bad">{gone.reason ?? 'gone'}</span>}
      </div>
      <div role="cell" class="mono" title={visibleLine(id)}>
        <Shortened text={id} />
      </div>
      <div role="cell">{port}</div>
      <div role="cell">{pid}</div>
      <Cell text={addressOf(server)} />
      <div role="cell">
        <Uptime server={server} />
      </div>
      <div role="cell">{auth}</div>
      <div role="cell">{transport ?? ''}</div>
      <div role="cell" class="trip">
        <RoundTrip server={server} />
        <RoundTripLine id={id} />
      </div>
      <Rates id={id} />
      <Cell text={metaText(meta)} />
    </>
  )
}

function Cell({ text }: { text: string }) {
  const shown = visibleLine(text)
  return (
    <div role="cell" class="mono" title={shown}>
      {shown}
    </div>
  )
}

function Rates({ id }: { id: string }) {
  const { receivedPerSecond, sentPerSecond } = useFlow(id)
  return (
    <>
      <div role="cell">{figure(receivedPerSecond)}</div>
      <div role="cell">{figure(sentPerSecond)}</div>
    </>
  )
}
