/**
 * The figures of a server that change all the time, each of them rendered by itself.
 */

import type { RoundTrips } from '../model/round-trips.js'
import { lastRoundTrip } from '../model/server-order.js'
import type { ShownServer } from '../model/shown-servers.js'
import { type Flow, stillness } from '../model/traffic.js'
import { yard } from '../model/yard.js'
import { duration, figure, milliseconds } from '../parts/figures.js'
import { Sparkline } from '../parts/sparkline.js'
import { useStore, useStored } from '../parts/store.js'

/** Since when it runs, by its own word. */
export function Uptime({ server: { startedAt = '', gone } }: { server: ShownServer }) {
  const { now } = yard
  const shown = useStore(now)
  const start = Date.parse(startedAt)
  if (Number.isNaN(start)) return <>unknown</>
  if (gone !== undefined) return <>ended</>
  return (
    <time dateTime={startedAt} title={new Date(start).toString()}>
      {duration(shown - start)}
    </time>
  )
}

export function RoundTrip({ server: { id, gone, instance, source } }: { server: ShownServer }) {
  const roundTrips = useRoundTrips(id)
  if (gone !== undefined) return null
  if (instance === undefined)
    return <span title="Not asked: programs without wsyard may log each question as an error">not asked</span>
  const last = lastRoundTrip(roundTrips)
  if (last !== undefined) return <>{milliseconds(last)}</>
  if (roundTrips === undefined || roundTrips.length === 0) return <>…</>
  return source === undefined ? (
    <>no answer</>
  ) : (
    <span title="Asked by hubs of its own machine alone">not asked</span>
  )
}

/** The course of the last ones. */
export function RoundTripLine({ id }: { id: string }) {
  const roundTrips = useRoundTrips(id)
  return roundTrips ? <Sparkline values={roundTrips} /> : null
}

function useRoundTrips(id: string): RoundTrips | undefined {
  return useStored(yard.roundTrips, (all) => all.get(id), id)
}

/** How many messages a server has sent and was sent in the last second. */
export function useFlow(id: string): Flow {
  return useStored(yard.flows, (all) => all.get(id) ?? stillness, id)
}

/** Messages in and out in the last second. */
export function Flows({ id }: { id: string }) {
  const { receivedPerSecond, sentPerSecond } = useFlow(id)
  return (
    <span class="flows">
      <span title="Messages received in the last second">
        <span aria-hidden="true">↓ </span>
        {figure(receivedPerSecond)}/s
        <span class="unseen"> received</span>
      </span>
      <span title="Messages sent in the last second">
        <span aria-hidden="true">↑ </span>
        {figure(sentPerSecond)}/s
        <span class="unseen"> sent</span>
      </span>
    </span>
  )
}
