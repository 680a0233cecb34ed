/**
 * Makes a client: what the lite one has, sockets to one server each, and changes to iterate over.
 */
import type { RemovalReason } from '../core/index.js'
import type { Client, ClientOptions, LiteClient, ServerChange } from './client.js'
import { openClient } from './create-lite-client.js'
import type { Dialer } from './link-types.js'
import type { ClientServer, Shape } from './server-list.js'
import { ServerSocket, type ServerWebSocket, socketClass } from './server-socket.js'
import { protocolList } from './socket-interface.js'

/**
 * Follows a hub.
 *
 * @example
 * const client = createClient()
 * client.connectAll()
 * client.on('message', (server, data) => console.log(server.id, data))
 *
 * @example
 * const client = createClient<{ meta: { role: string } }>()
 * const socket = client.connect('worker-a')
 * socket.onopen = () => socket.send('hello')
 *
 * @throws {TypeError} for options that make no sense, with the value.
 */
export function createClient<S extends Shape = Shape>(options: ClientOptions = {}): Client<S> {
  const { client, dialer } = openClient<S>(options)
  return Object.assign(client, {
    connect: (idOrName, { protocols, ...options } = {}) =>
      new ServerSocket({
        ...options,
        dialer,
        idOrName,
        protocols: protocolList(protocols),
      }) as unknown as ServerWebSocket,
    webSocketFor: (idOrName) => socketClass(dialer, idOrName),
    [Symbol.asyncIterator]: () => changesOf(client, dialer),
  } satisfies Omit<Client<S>, keyof LiteClient>)
}

/** What is there, and then every change, until the client is closed. */
async function* changesOf<S extends Shape>(
  client: LiteClient<S>,
  dialer: Dialer,
): AsyncGenerator<ServerChange<S>, void> {
  const waiting = client.servers.map((server): ServerChange<S> => ({ type: 'added', server }))
  let wake = (): void => {}
  const undo = (['added', 'updated', 'removed', 'close'] as const).map((type) =>
    client.on(type, (server?: ClientServer<S>, reason?: RemovalReason) => {
      if (server) waiting.push({ type, server, reason } as ServerChange<S>)
      wake()
    }),
  )
  try {
    for (;;) {
      const change = waiting.shift()
      if (change) yield change
      else if (dialer.isClosed) return
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    for (const off of undo) off()
  }
}
