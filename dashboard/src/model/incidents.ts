/**
 * The last times that a connection to a server was not to be had, or ended, and why.
 */
import type { ConnectionReason, LiteClient } from 'wsyard/client'
import { createStore, type Readable } from '../parts/store.js'
import { labelOf } from './shown-servers.js'

export interface Incident {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly reason: ConnectionReason
}

/** How many are kept of each server, and of how many servers. */
const kept = 10
const keptServers = 500

/** By label, so that they outlive a restart; the newest first. */
export function followIncidents(client: LiteClient): Readable<ReadonlyMap<string, readonly Incident[]>> {
  const incidents = createStore<ReadonlyMap<string, readonly Incident[]>>(new Map())
  client.on('updated', (server) => {
    const { reason } = server
    if (reason === undefined) return
    const label = labelOf(server)
    const before = incidents.value.get(label) ?? []
    const [last, ...earlier] = before
    const isSame = last?.reason.code === reason.code && last.reason.message === reason.message
    // One that goes on is one, with its newest time.
    const next = [{ at: Date.now(), reason }, ...(isSame ? earlier : before)].slice(0, kept)
    const all = new Map(incidents.value)
    all.delete(label) // so that those that had none for the longest come first
    all.set(label, next)
    if (all.size > keptServers) all.delete([...all.keys()][0] ?? '')
    incidents.set(all)
  })
  return incidents
}
