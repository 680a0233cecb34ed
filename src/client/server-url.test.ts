import { expect, it } from 'vitest'
import type { SnapshotServer } from '../core/index.js'
import { serverAddress } from './server-url.js'

const server = (fields: Partial<SnapshotServer>): SnapshotServer => ({
  id: 'a',
  port: 8080,
  pid: 1,
  state: 'up',
  ...fields,
})

it.each([
  [{}, 'ws://localhost:8080/'],
  [{ host: '127.0.0.1' }, 'ws://127.0.0.1:8080/'],
  [{ host: '::1' }, 'ws://[::1]:8080/'],
  [{ host: '0.0.0.0' }, 'ws://localhost:8080/'],
  [{ host: '::' }, 'ws://localhost:8080/'],
  [{ path: '/room?x=1' }, 'ws://localhost:8080/room?x=1'],
])('dials %j at %s', (fields, url) => {
  expect(serverAddress(server(fields))).toEqual({ url })
})

it.each([
  { host: '10.0.0.7' },
  { host: 'evil.test' },
  { host: '127.0.0.1.evil.test' },
  { auth: 'token' as const },
])('does not dial %j, and says why', (fields) => {
  expect(serverAddress(server(fields))).toEqual({ obstacle: expect.stringMatching(/token|not this machine/) })
})
