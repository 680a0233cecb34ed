import { describe, expect, it } from 'vitest'
import type { Entry } from '../core/index.js'
import { networksOf } from './networks.js'
import { isWithinReach, networkOf } from './reach.js'

/** Of another machine, in a registry that several share. */
const shared: Entry = {
  id: 'a',
  port: 4000,
  pid: 1,
  host: '10.1.0.5',
  instance: '0'.repeat(32),
  machine: 'away.0',
  state: 'up',
  source: 'etcd://h:2379/wsyard',
}
const { source: _, ...own } = shared

describe('networks', () => {
  const networks = networksOf(['10.1.0.0/16', '127.0.0.0/8', '0.0.0.0/32'], 'networks')

  it('are for servers of a registry that several machines share', () => {
    expect(isWithinReach(shared, networks)).toBe(true)
    expect(isWithinReach({ ...shared, host: '127.0.0.3' }, networks)).toBe(true)
    expect(isWithinReach(own, networks)).toBe(false)
  })

  it('do not lead to whatever this machine takes for itself', () => {
    expect(isWithinReach({ ...shared, host: '0.0.0.0' }, networks)).toBe(false)
    expect(isWithinReach({ ...shared, host: '::ffff:0.0.0.0' }, networks)).toBe(false)
  })
})

describe('the network that has to be named for a server', () => {
  it.each([
    ['its address alone', shared, '10.1.0.5/32'],
    ['its address alone, of IPv6', { ...shared, host: 'fd00::5' }, 'fd00::5/128'],
    ['none where it has only the name of its machine', { ...shared, host: 'build-01' }, undefined],
    ['none where it is on loopback there', { ...shared, host: '127.0.0.1' }, undefined],
    ['none where its address means no machine', { ...shared, host: '0.0.0.0' }, undefined],
    ['none where it is of the own registry', own, undefined],
  ])('is %s', (_what, entry, network) => {
    expect(networkOf(entry)).toBe(network)
  })
})
