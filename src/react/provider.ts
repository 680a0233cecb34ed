/**
 * One client for a tree of components: made when it is mounted, in the browser alone, and closed with it.
 */
import { createContext, createElement, type ReactNode, useContext, useEffect, useState } from 'react'
import { type Client, type ClientOptions, createClient, type Shape } from '../client/index.js'

/** `undefined` inside a provider that has no client yet, as on the server; `null` outside of any. */
const ClientContext = createContext<Client | undefined | null>(null)

export interface WsyardProviderProps {
  /** A client of your own, which is not closed with the provider. @default one that the provider makes */
  client?: Client
  /** For the client that the provider makes. Another `hub`, `token`, `transport`, `pollMs` or `maxHandshakes` makes another. @default none */
  options?: Omit<ClientOptions, 'signal'>
  /** Whether to keep a WebSocket to every server. @default false */
  connectAll?: boolean
  /** The components that use it. */
  children?: ReactNode
}

/**
 * @example
 * createRoot(element).render(
 *   <WsyardProvider connectAll>
 *     <App />
 *   </WsyardProvider>,
 * )
 */
export function WsyardProvider({
  client,
  options = {},
  connectAll = false,
  children,
}: WsyardProviderProps): ReactNode {
  const { hub, token, transport, pollMs, maxHandshakes } = options
  const [own, setOwn] = useState<Client>()
  const used = client ?? own
  useEffect(() => {
    if (client) return
    const given = Object.entries({ hub, token, transport, pollMs, maxHandshakes })
    const made = createClient(Object.fromEntries(given.filter(([, value]) => value !== undefined)))
    setOwn(made)
    return () => made.close()
  }, [client, hub, token, transport, pollMs, maxHandshakes])
  useEffect(() => (connectAll ? used?.connectAll() : undefined), [used, connectAll])
  return createElement(ClientContext.Provider, { value: used }, children)
}

/**
 * The client of the nearest provider; undefined until it is made, which is after the first rendering.
 *
 * @throws {Error} outside of any provider.
 */
export function useClient<S extends Shape = Shape>(): Client<S> | undefined {
  const client = useContext(ClientContext)
  if (client === null)
    throw new Error('There is no <WsyardProvider> above this component: put one around your app.')
  return client as Client<S> | undefined
}
