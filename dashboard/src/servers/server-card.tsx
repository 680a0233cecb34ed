import type { CSSProperties } from 'preact'
import { labelOf, type ShownServer } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { StateMark, stateText } from '../parts/state-mark.js'
import { visibleLine } from '../parts/visible-text.js'
import { Flows, RoundTrip, RoundTripLine, Uptime } from './live-figures.js'
import { reasonText } from './reason-text.js'
import { SelectServer } from './select-server.js'

export interface ServerCardProps {
  server: ShownServer
  position: number
  total: number
  style: CSSProperties
}

/** In pixels, with the gap below. */
export const cardHeight = 180

/** One server: who it is, where it listens, and how our connection to it stands. */
export function ServerCard({ server, position, total, style }: ServerCardProps) {
  const { opened, places } = yard
  const { id, port, pid, connection, instance, gone } = server
  const label = labelOf(server)
  const reason = reasonText(server, places)
  return (
    <li
      class={`card card-${connection} ${gone ? 'gone' : ''}`}
      data-server-id={id}
      aria-setsize={total}
      aria-posinset={position}
      style={style}
    >
      <div class="card-face">
        <div class="card-head">
          <SelectServer label={label} />
          <h3>
            <button type="button" class="name" title={visibleLine(label)} onClick={() => opened.set(label)}>
              {visibleLine(label)}
            </button>
          </h3>
          <span class={`state state-${connection}`}>
            <StateMark connection={connection} />
            <span>{stateText[connection]}</span>
          </span>
        </div>
        <p class="mono id" title={visibleLine(id)}>
          {visibleLine(id)}
        </p>
        <dl>
          <div>
            <dt>Port</dt>
            <dd>{port}</dd>
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
          <p class="foot">
            <Flows id={id} />
            <RoundTripLine id={id} />
            {instance === undefined && <Foreign />}
          </p>
        ) : (
          <p class="foot reason" title={visibleLine(reason)}>
            {visibleLine(reason)}
          </p>
        )}
      </div>
    </li>
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
