import { networkInterfaces } from 'node:os'
import { expect, it } from 'vitest'
import type { Entry } from '../core/index.js'
import { isOwnPort } from './own-port.js'

/** Of another machine, as it says, in a registry that several share. */
function shared(host: string, port = 4000): Entry {
  const [instance, machine] = ['0'.repeat(32), 'away.0']
  return { id: 'a', port, pid: 1, host, instance, machine, state: 'up', source: 'etcd://h:2379/wsyard' }
}

const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? [])

it.each([...own, '127.0.0.1', '127.9.8.7', '::ffff:127.0.0.1', '::1'])(
  'the port of the hub at %s is its own, of whichever machine an entry says that it is',
  (host) => {
    expect(isOwnPort(4000, shared(host))).toBe(true)
    expect(isOwnPort(4001, shared(host))).toBe(false)
  },
)

it.each(['198.51.100.99', '2001:db8::1', 'build-01', ''])('the same port at %s is another', (host) => {
  expect(isOwnPort(4000, shared(host))).toBe(false)
})

it('the port of the hub is its own in an entry of this machine, wherever that says that it listens', () => {
  const { source: _, ...entry } = shared('198.51.100.99')
  expect(isOwnPort(4000, entry)).toBe(true)
})
