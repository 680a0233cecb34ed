import type { CSSProperties } from 'preact'
import { useMemo } from 'preact/hooks'
import { addressOf } from '../model/server-order.js'
import { labelOf, type ShownServer } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { State } from '../parts/state.js'
import { useStore } from '../parts/store.js'
import { visibleLine } from '../parts/visible-text.js'
import { Flows, RoundTrip, RoundTripLine, Uptime } from './live-figures.js'
import { metaText } from './meta-text.js'
import { reasonText } from './reason-text.js'
import { SelectServer } from './select-server.js'
import { ServerName } from './server-name.js'
import { Where } from './where.js'

export interface ServerCardProps {
  server: ShownServer
  position: number
  total: number
  style: CSSProperties
}

/** In pixels, with the gap below. */
export const cardHeight = 204

/** One server: who it is, where it listens, and how our connection to it stands. */
export function ServerCard({ server, position, total, style }: ServerCardProps) {
  const { id, connection, gone } = server
  // Others that come and go move it, and change nothing in it.
  const face = useMemo(() => <CardFace server={server} />, [server])
  return (
    <li
      class={`card card-${connection} ${gone ? 'gone' : ''}`}
      data-server-id={id}
      aria-setsize={total}
      aria-posinset={position}
      style={style}
    >
      {face}
    </li>
  )
}

function CardFace({ server }: { server: ShownServer }) {
  const { id, name, port, pid, connection, auth = 'open', transport, meta, instance } = server
  useStore(yard.places.held)
  const label = labelOf(server)
  const reason = reasonText(server, yard.places)
  const said = visibleLine(metaText(meta))
  // What has no name is called by its id, which need not be said twice.
  const second = visibleLine(name === undefined ? addressOf(server) : id)
  return (
    <div class="card-face">
      <div class="card-head">
        <SelectServer label={label} />
        <h3 class="naming">
          <ServerName label={label} />
          <Where server={server} />
        </h3>
        {instance === undefined && <Foreign />}
      </div>
      <p class="standing">
        <State connection={connection} />
        <span class="hint">{[auth, transport].filter(Boolean).join(' · ')}</span>
      </p>
      <p class="mono line-of" title={second}>
        {second}
      </p>
      <dl>
        <div>
          <dt>Port</dt>
          <dd title={addressOf(server)}>{port}</dd>
        </div>
        <div>
          <dt>PID</dt>
          <dd>{pid}</dd>
        </div>
        <div>
          <dt>Up</dt>
          <dd>
            <Uptime server={server} />
          </dd>
        </div>
        <div class="trip">
          <dt>Round trip</dt>
          <dd>
            <RoundTrip server={server} />
          </dd>
        </div>
      </dl>
      {reason === undefined ? (
        <>
          <p class="line-of hint" title={said}>
            {said}
          </p>
          <p class="foot">
            <Flows id={id} />
            <RoundTripLine id={id} />
          </p>
        </>
      ) : (
        <p class="foot reason" title={visibleLine(reason)}>
          {visibleLine(reason)}
        </p>
      )}
    </div>
  )
}

/** What marks an entry that wsyard has not written. */
export function Foreign() {
  return (
    <span class="badge" title="Its entry was written by another program, straight into servers.json">
      foreign
    </span>
  )
}
