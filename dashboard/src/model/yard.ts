/**
 * All that the page knows, kept outside of what shows it. There is one of it, over one client, as there is one page.
 */
import {
  createLiteClient,
  type HubStatus,
  type LiteClient,
  type MessageData,
  type WsyardError,
} from 'wsyard/client'
import { createStore, type Readable, type Store } from '../parts/store.js'
import { followHistory, type History } from './follow-history.js'
import { followIncidents, type Incident } from './incidents.js'
import { createMessageLog, type MessageLog } from './message-log.js'
import { createPlaces, type Places } from './places.js'
import { followRoundTrips, type RoundTrips } from './round-trips.js'
import { followServers, labelOf, type ShownServer } from './shown-servers.js'
import { createTraffic, type Flow } from './traffic.js'

export interface HubView {
  readonly status: HubStatus
  /** Why it is lost. */
  readonly error: WsyardError | undefined
}

export interface Yard {
  readonly client: LiteClient
  readonly hub: Readable<HubView>
  readonly servers: Readable<readonly ShownServer[]>
  readonly flows: Readable<ReadonlyMap<string, Flow>>
  readonly roundTrips: Readable<ReadonlyMap<string, RoundTrips>>
  readonly incidents: Readable<ReadonlyMap<string, readonly Incident[]>>
  readonly history: Readable<History>
  readonly log: MessageLog
  readonly places: Places
  /** The time, each second. */
  readonly now: Readable<number>
  /** Labels of the servers that messages go to; none: all of them. */
  readonly selection: Store<ReadonlySet<string>>
  /** The label of the server whose panel is open. */
  readonly opened: Store<string | undefined>
  /** Sends to those that are selected, or to the servers of these labels. Returns how many it went to. */
  send(data: MessageData, to?: ReadonlySet<string>): number
}

function createYard(client: LiteClient): Yard {
  const log = createMessageLog()
  const traffic = createTraffic()
  const hub = createStore<HubView>({ status: client.status, error: undefined })
  const now = createStore(Date.now())
  const selection = createStore<ReadonlySet<string>>(new Set())

  const note = (server: ShownServer, data: string): void =>
    log.add({ at: Date.now(), kind: 'event', serverId: server.id, label: labelOf(server), data })

  client.on('message', (server, data) => {
    traffic.received(server.id)
    log.add({ at: Date.now(), kind: 'received', serverId: server.id, label: labelOf(server), data })
  })
  client.on('added', (server) => note(server, 'Found'))
  client.on('removed', (server, reason) => {
    traffic.forget(server.id)
    note(server, `Gone: ${reason ?? 'no longer in the registry'}`)
  })
  const showHub = (): void => hub.set({ status: client.status, error: client.error })
  client.on('status', showHub)
  client.on('error', showHub)

  const second = setInterval(() => {
    traffic.tick()
    now.set(Date.now())
  }, 1000)
  client.on('close', () => clearInterval(second))

  return {
    client,
    hub,
    servers: followServers(client),
    flows: traffic.flows,
    roundTrips: followRoundTrips(client),
    incidents: followIncidents(client),
    history: followHistory(client),
    log,
    places: createPlaces(client),
    now,
    selection,
    opened: createStore<string | undefined>(undefined),
    send(data, to = selection.value) {
      const sent = client.broadcast(data, {
        filter: (server) => to.size === 0 || to.has(labelOf(server)),
      })
      for (const server of sent) {
        traffic.sent(server.id)
        log.add({
          at: Date.now(),
          kind: 'sent',
          serverId: server.id,
          label: labelOf(server),
          data,
        })
      }
      return sent.length
    },
  }
}

/** What this page is over. */
export const yard: Yard = createYard(createLiteClient())
