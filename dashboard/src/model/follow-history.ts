/**
 * The history of all servers that the client has seen since the page was opened.
 */
import type { LiteClient } from 'wsyard/client'
import { paced } from '../parts/paced.js'
import { createStore, type Readable } from '../parts/store.js'
import { type Lane, withoutOld, withoutServer, withServer } from './history.js'
import { labelOf } from './shown-servers.js'

/** By label, in the order in which they were first seen. */
export type History = ReadonlyMap<string, Lane>

/** How often what is old is looked for, in milliseconds. */
const tidyMs = 10_000

export function followHistory(client: LiteClient): Readable<History> {
  const lanes = new Map<string, Lane>()
  const history = createStore<History>(new Map())
  const publish = paced(() => history.set(new Map(lanes)))

  const set = (label: string, lane: Lane | undefined): void => {
    if (lanes.get(label) === lane) return
    if (lane === undefined) lanes.delete(label)
    else lanes.set(label, lane)
    publish()
  }
  for (const type of ['added', 'updated'] as const)
    client.on(type, (server) => {
      const label = labelOf(server)
      set(label, withServer(lanes.get(label), server, Date.now()))
    })
  client.on('removed', (server, reason) => {
    const label = labelOf(server)
    set(label, withoutServer(lanes.get(label), server, reason, Date.now()))
  })
  const tidying = setInterval(() => {
    for (const [label, lane] of [...lanes]) set(label, withoutOld(lane, Date.now()))
  }, tidyMs)
  client.on('close', () => clearInterval(tidying))
  return history
}
