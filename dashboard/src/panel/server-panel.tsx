/** All that is known of one server, and what can be done with it. */
import { useEffect, useRef } from 'preact/hooks'
import { describeReason } from 'wsyard/client'
import { JsonView } from '../messages/json-view.js'
import { addressOf } from '../model/server-order.js'
import { labelOf, type ShownServer } from '../model/shown-servers.js'
import { stillness } from '../model/traffic.js'
import { yard } from '../model/yard.js'
import { onCommand } from '../page/commands.js'
import { CopyButton } from '../parts/copy-button.js'
import { clockTime, figure } from '../parts/figures.js'
import { State } from '../parts/state.js'
import { useStore } from '../parts/store.js'
import { visibleLine } from '../parts/visible-text.js'
import { Flows, RoundTrip, RoundTripLine, Uptime } from '../servers/live-figures.js'
import { nextStep, reasonText } from '../servers/reason-text.js'
import { whereText } from '../servers/where.js'
import { connectCommand, relayUrl } from './ways-to.js'

/** The panel of the server that is opened, if one is. */
export function ServerPanel() {
  const { opened, servers, incidents } = yard
  const label = useStore(opened)
  const shown = useStore(servers).filter((server) => labelOf(server) === label)
  const past = useStore(incidents).get(label ?? '') ?? []
  useEffect(() => onCommand('close', () => opened.set(undefined)), [])
  const heading = useRef<HTMLHeadingElement>(null)
  const before = useRef<Element | null>(null)

  useEffect(() => {
    if (label === undefined) return
    before.current = document.activeElement
    heading.current?.focus()
    return () => {
      if (before.current instanceof HTMLElement) before.current.focus()
    }
  }, [label])
  if (label === undefined) return null

  const close = (): void => opened.set(undefined)
  return (
    <aside class="panel" aria-labelledby="panel-heading">
      <header>
        <h2 id="panel-heading" ref={heading} tabIndex={-1}>
          {visibleLine(label, 128)}
        </h2>
        <button type="button" class="quiet" aria-label="Close panel" onClick={close}>
          ✕
        </button>
      </header>
      {shown.length === 0 && (
        <p class="hint">No server of this name runs now. One that starts is shown here.</p>
      )}
      {shown.map((server) => (
        <Details key={server.id} server={server} />
      ))}
      <h3>Last errors</h3>
      {past.length === 0 && <p class="hint">None since this page was opened.</p>}
      <ol class="incidents">
        {past.map(({ at, reason }) => (
          <li key={at}>
            <time>{clockTime(at)}</time> <code>{reason.code}</code>
            <p>{visibleLine(describeReason(reason))}</p>
            <p class="hint">{nextStep(reason)}</p>
          </li>
        ))}
      </ol>
    </aside>
  )
}

function Details({ server }: { server: ShownServer }) {
  const { places, selection } = yard
  const {
    id,
    connection,
    port,
    pid,
    auth = 'open',
    transport,
    meta,
    instance,
    state,
    scope,
    source,
    startedAt,
    gone,
  } = server
  const isHeld = useStore(places.held).has(id)
  const reason = reasonText(server, places)
  const label = labelOf(server)
  return (
    <section class={`details ${gone ? 'gone' : ''}`}>
      <p class="standing">
        <State connection={connection} />
        {transport && (
          <span class="hint">{transport === 'direct' ? 'straight to its port' : 'through the hub'}</span>
        )}
      </p>
      {reason !== undefined && <p class="reason">{visibleLine(reason)}</p>}
      <p class="actions">
        {gone === undefined &&
          (isHeld ? (
            <button type="button" onClick={() => places.disconnect(id)}>
              {connection === 'connected' ? 'Disconnect' : 'Stop trying'}
            </button>
          ) : (
            <button type="button" class="primary" onClick={() => places.connect(id)}>
              Connect
            </button>
          ))}
        <button type="button" onClick={() => selection.set(new Set([label]))}>
          Send to it alone
        </button>
        <CopyButton label="Copy relay URL" text={() => relayUrl(server)} />
        <CopyButton label="Copy wsyard connect" text={() => connectCommand(server)} />
      </p>
      <dl>
        <Fact name="ID" value={id} />
        <Fact name="Port" value={`${port}`} />
        <Fact name="PID" value={`${pid}`} />
        <Fact name="Address" value={addressOf(server)} />
        <Fact name="Auth" value={auth === 'token' ? 'token, which the hub brings' : 'open'} />
        <Fact name="State" value={state} />
        {source && <Fact name="Registry" value={source} />}
        {scope && <Fact name="Where" value={whereText(scope.directory, scope.branch)} />}
        <Fact
          name="Written by"
          value={instance === undefined ? 'another program (foreign)' : 'wsyard, or by its rules'}
        />
        <Fact name="Started" value={startedAt ?? 'unknown'} />
        <div>
          <dt>Up</dt>
          <dd>
            <Uptime server={server} />
          </dd>
        </div>
        <div>
          <dt>Round trip</dt>
          <dd>
            <RoundTrip server={server} /> <RoundTripLine id={id} />
          </dd>
        </div>
        <div>
          <dt>Messages</dt>
          <dd>
            <Flows id={id} /> <Totals id={id} />
          </dd>
        </div>
      </dl>
      {meta !== undefined && (
        <>
          <h3>Meta</h3>
          <JsonView value={meta} isSearchable={false} />
        </>
      )}
    </section>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="mono">{visibleLine(value)}</dd>
    </div>
  )
}

function Totals({ id }: { id: string }) {
  const { flows } = yard
  const { received, sent } = useStore(flows).get(id) ?? stillness
  return (
    <span class="hint">
      {figure(received)} in, {figure(sent)} out in all
    </span>
  )
}
