/** The client's state as a component sees it, rendered again when it changes. */
import { useEffect, useState } from 'preact/hooks'
import type { Client, ClientServer, HubStatus, WsyardError } from 'wsyard/client'

export interface ClientView {
  readonly servers: readonly ClientServer[]
  readonly status: HubStatus
  /** Why the hub could not be asked; undefined once it answers again. */
  readonly error: WsyardError | undefined
}

export function useClient(client: Client): ClientView {
  const [view, setView] = useState<ClientView>(() => ({ ...read(client), error: undefined }))
  useEffect(() => {
    const update = (): void =>
      setView(({ error }) => ({ ...read(client), error: keepWhileLost(client, error) }))
    const undo = [
      client.on('added', update),
      client.on('updated', update),
      client.on('removed', update),
      client.on('status', update),
      client.on('error', (error) => setView({ ...read(client), error })),
    ]
    update()
    return () => {
      for (const off of undo) off()
    }
  }, [client])
  return view
}

function read({ servers, status }: Client): Pick<ClientView, 'servers' | 'status'> {
  return { servers, status }
}

function keepWhileLost({ status }: Client, error: WsyardError | undefined): WsyardError | undefined {
  return status === 'lost' ? error : undefined
}
