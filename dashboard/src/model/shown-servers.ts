/**
 * The servers that the page shows: those that there are, and for a moment those that have just gone.
 */
import type { ClientServer, LiteClient, RemovalReason } from 'wsyard/client'
import { createStore, type Readable } from '../parts/store.js'

/** A server, or one that has just gone. */
export type ShownServer = ClientServer & {
  readonly gone?: { readonly reason: RemovalReason | undefined }
}

/** How long a server that has gone is still shown, in milliseconds: long enough to be seen and read. */
export const goneMs = 8000

/** While the page is connecting it waits this long for more before it is drawn, in milliseconds: each drawing takes the time in which others would connect. */
const connectingDrawMs = 250

/** To more servers than these it is not connected within that time: then the first of them are drawn at once. */
const soonConnected = 100

/** Changes with the next frame, however many servers do, or while some are being connected to a few times a second. */
export function followServers(client: LiteClient): Readable<readonly ShownServer[]> {
  const gone = new Map<string, ShownServer>()
  const shown = createStore<readonly ShownServer[]>(client.servers)
  let timer: ReturnType<typeof setTimeout> | undefined
  const draw = (): void => {
    clearTimeout(timer)
    timer = undefined
    shown.set(gone.size === 0 ? client.servers : [...client.servers, ...gone.values()])
  }

  client.on('added', ({ id }) => gone.delete(id))
  client.on('removed', (server, reason) => {
    const { reason: _, ...rest } = server
    const last: ShownServer = { ...rest, connection: 'disconnected', gone: { reason } }
    gone.set(server.id, last)
    setTimeout(() => {
      if (gone.get(server.id) === last && gone.delete(server.id)) draw()
    }, goneMs)
  })
  client.on('change', () => {
    const connecting = client.servers.filter(({ connection }) => connection === 'connecting').length
    const isFirstOfMany = shown.value.length === 0 && connecting > soonConnected
    if (connecting === 0 || isFirstOfMany) draw()
    else timer ??= setTimeout(draw, connectingDrawMs)
  })
  return shown
}

/** What people call it: its name, or else its id. Replicas share it, and it stays the same across restarts. */
export function labelOf({ name, id }: Pick<ClientServer, 'name' | 'id'>): string {
  return name ?? id
}

/** How many of them this page is connected to. */
export function connectedIn(servers: readonly ShownServer[]): number {
  return servers.filter(({ connection }) => connection === 'connected').length
}
