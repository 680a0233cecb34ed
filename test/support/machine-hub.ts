/** `wsyard hub` on a machine of a test, and how it is asked from outside of it. */
import { WebSocket } from 'ws'
import type { Refusal, SnapshotServer } from '../../src/core/index.js'
import { wsyard } from './command.js'
import type { Machine } from './machines.js'
import type { RunningProcess } from './processes.js'
import { createPushClient, type PushClient } from './push-client.js'

export interface MachineHub extends RunningProcess {
  /** What a browser outside of the machine opens. */
  readonly link: string
  snapshot(): Promise<{ status: number; servers: SnapshotServer[]; problem?: Refusal }>
  /** Why it does not relay to this server. */
  explain(key: string): Promise<{ status: number; error: Refusal }>
  /** Follows it, from now on. */
  follow(): Promise<PushClient>
  /** Sends a message to a server through it. Resolves to the answer, or to the status of the refusal. */
  ask(key: string, message: string): Promise<string>
}

export async function startMachineHub(
  machine: Machine,
  registry: string,
  args: readonly string[] = [],
  port = 9793,
): Promise<MachineHub> {
  const env = { WSYARD_REGISTRY: registry }
  const command = [wsyard, 'hub', '--json', '--port', `${port}`, ...args]
  const running = machine.start(process.execPath, command, { env })
  const [, link = ''] = await running.printed(/"url":"([^"]+)"/)
  const token = link.split('token=')[1] ?? ''
  const origin = `http://127.0.0.1:${await machine.forward(port)}`
  const url = `${origin}/api/registry`
  const headers = { authorization: `Bearer ${token}` }
  return {
    ...running,
    link: link.replace(new URL(link).origin, origin),
    async snapshot() {
      const response = await fetch(url, { headers })
      return { status: response.status, ...((await response.json()) as { servers: SnapshotServer[] }) }
    },
    async explain(key) {
      const response = await fetch(`${url}/${key}`, { headers })
      return { status: response.status, ...((await response.json()) as { error: Refusal }) }
    },
    async follow() {
      const client = createPushClient(
        () => url.replace('http', 'ws'),
        [`wsyard.bearer.${token}`, 'wsyard.v1'],
      )
      await client.connect()
      return client
    },
    ask(key, message) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/${key}`, { headers })
      return new Promise((resolve, reject) => {
        socket.on('error', reject)
        socket.on('unexpected-response', (request, { statusCode }) => {
          request.destroy()
          resolve(`${statusCode}`)
        })
        socket.on('open', () => socket.send(message))
        socket.on('message', (data) => {
          resolve(String(data))
          socket.close()
        })
      })
    },
  }
}
