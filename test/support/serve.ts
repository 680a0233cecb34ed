/** Servers of the test's own process, which do as the test says. */
import type { Registry } from '../../src/registry/index.js'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'

export type Serve = (options?: ServerOptions) => Promise<Server>

/** Lets a test start servers that echo, unless they are told otherwise, and closes them after it. */
export async function withServers(registry: Registry, use: (serve: Serve) => Promise<void>): Promise<void> {
  const servers: Server[] = []
  await use(async (options) => {
    const server = await createServer({
      registry,
      auth: 'open',
      onConnection: (socket) =>
        socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
      ...options,
    })
    servers.push(server)
    return server
  })
  for (const server of servers) await server.close()
}
