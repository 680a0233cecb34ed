/**
 * The figures of a server that change all the time, each of them rendered by itself.
 */

import type { RoundTrips } from '../model/round-trips.js'
import { lastRoundTrip } from '../model/server-order.js'
import type { ShownServer } from '../model/shown-servers.js'
import { stillness } from '../model/traffic.js'
import { yard } from '../model/yard.js'
import { duration, figure, milliseconds } from '../parts/figures.js'
import { useStore } from '../parts/store.js'

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

export interface RoundTripProps {
  server: ShownServer
  roundTrips: RoundTrips | undefined
}

export function RoundTrip({ server: { gone, instance }, roundTrips }: RoundTripProps) {
  if (gone !== undefined) return null
  if (instance === undefined)
    return <span title="Not asked: programs without wsyard may log each question as an error">not asked</span>
  const last = lastRoundTrip(roundTrips)
  if (last !== undefined) return <>{milliseconds(last)}</>
  return <>{roundTrips === undefined || roundTrips.length === 0 ? '…' : 'no answer'}</>
}

/** Messages in and out in the last second. */
export function Flows({ id }: { id: string }) {
  const { flows } = yard
  const { receivedPerSecond, sentPerSecond } = useStore(flows).get(id) ?? stillness
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
