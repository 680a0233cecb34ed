/**
 * The servers, as a component sees them: rendered again when what it asked for has changed, and for nothing else.
 */
import { useCallback, useRef, useSyncExternalStore } from 'react'
import type { Client, ClientServer, Shape } from '../client/index.js'
import { useClient } from './provider.js'

const none: readonly never[] = []

/**
 * The servers there are, or those that a filter lets through: the same array until one of them changes. None on the server,
 * and at the first rendering.
 *
 * @example
 * const workers = useServers<{ meta: { role: string } }>(({ meta }) => meta.role === 'worker')
 */
export function useServers<S extends Shape = Shape>(
  filter?: (server: ClientServer<S>) => boolean,
): readonly ClientServer<S>[] {
  const last = useRef<readonly ClientServer<S>[]>(none)
  return useClientValue<S, readonly ClientServer<S>[]>(({ servers }) => {
    const now = filter === undefined ? servers : servers.filter(filter)
    const isSame =
      now.length === last.current.length && now.every((server, at) => server === last.current[at])
    if (!isSame) last.current = now
    return last.current
  }, none)
}

/** The server of this id, or else one of this name, as `client.find` finds it; undefined while there is none. */
export function useServer<S extends Shape = Shape>(idOrName: string): ClientServer<S> | undefined {
  return useClientValue<S, ClientServer<S> | undefined>((client) => client.find(idOrName), undefined)
}

/** How the connection to the hub stands: `connecting`, `live`, `polling` or `lost`. */
export function useHubStatus(): Client['status'] {
  return useClientValue(({ status }) => status, 'connecting')
}

/** @param read gives the same value until it has changed */
function useClientValue<S extends Shape, Value>(read: (client: Client<S>) => Value, initial: Value): Value {
  const client = useClient<S>()
  const subscribe = useCallback(
    (onChange: () => void) => client?.on('change', onChange) ?? (() => {}),
    [client],
  )
  return useSyncExternalStore(
    subscribe,
    () => (client === undefined ? initial : read(client)),
    () => initial,
  )
}
