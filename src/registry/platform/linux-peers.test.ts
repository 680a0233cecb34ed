import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { peerUser } from './linux-peers.js'
import type { Connection } from './platform.js'

const self = process.getuid?.()

/** A connection to this process, from this process; the end that has accepted it, and the one that has dialled. */
async function connection(address: string): Promise<{ accepted: Socket; dialled: Socket }> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const dialled = connect((server.address() as AddressInfo).port, address)
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(dialled, 'connect')])) as [
    [Socket],
    unknown,
  ]
  server.close()
  return { accepted, dialled }
}

it.runIf(process.platform === 'linux')('whose a peer is, is told for each that asks at once', async () => {
  const connections = await Promise.all(['127.0.0.1', '127.0.0.2', '127.0.0.1'].map(connection))
  const asked = connections.flatMap(({ accepted }) => [accepted, accepted] as unknown as Connection[])
  try {
    expect(await Promise.all(asked.map(peerUser))).toEqual(asked.map(() => self))
  } finally {
    for (const { dialled } of connections) dialled.destroy()
  }
})

it.runIf(process.platform === 'linux')('nobody is told of one that has closed', async () => {
  const { accepted, dialled } = await connection('127.0.0.1')
  const { localAddress, localPort, remoteAddress, remotePort } = accepted
  dialled.destroy()
  await once(accepted.resume(), 'close')
  const ends = { localAddress, localPort, remoteAddress, remotePort } as Connection
  expect(await peerUser(ends)).toBe(undefined)
})
