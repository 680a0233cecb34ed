import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { advertisedAt } from './advertise.js'

const address = (address: string, others: Partial<NetworkInterfaceInfo> = {}): NetworkInterfaceInfo =>
  ({ address, family: 'IPv4', internal: false, ...others }) as NetworkInterfaceInfo

const loopback = address('127.0.0.1', { internal: true })
const linkLocal = address('fe80::1', { family: 'IPv6' })

describe('where other machines dial a server', () => {
  it.each([
    ['10.0.0.5', '10.0.0.5:8080'],
    ['10.0.0.5:18080', '10.0.0.5:18080'],
    ['fd00::5', '[fd00::5]:8080'],
    ['[fd00::5]:18080', '[fd00::5]:18080'],
  ])('is what was said: %s', (said, advertised) => {
    expect(advertisedAt({ host: '127.0.0.1', port: 8080 }, said)).toBe(advertised)
  })

  it.each([
    '',
    'devbox',
    '10.0.0.5:',
    '10.0.0.5:0',
    '10.0.0.5:65536',
    '0.0.0.0',
    '10.0.0.5/24',
    'http://10.0.0.5',
    '256.0.0.1',
  ])('is not "%s"', (said) => {
    expect(() => advertisedAt({ host: '0.0.0.0', port: 8080 }, said)).toThrow(
      expect.objectContaining({
        code: 'WSYARD_ERR_ENTRY_INVALID',
        message: expect.stringContaining(`(got "${said}")`),
      }),
    )
  })

  it('is nowhere for one that listens on loopback alone', () => {
    for (const host of ['127.0.0.1', '::1', 'localhost'])
      expect(advertisedAt({ host, port: 8080 }, undefined)).toBeUndefined()
  })

  it('is the address that it listens on', () => {
    expect(advertisedAt({ host: '10.0.0.5', port: 8080 }, undefined)).toBe('10.0.0.5:8080')
    expect(advertisedAt({ host: 'fd00::5', port: 8080 }, undefined)).toBe('[fd00::5]:8080')
    expect(advertisedAt({ host: 'devbox', port: 8080 }, undefined)).toBeUndefined()
  })

  it('is the only address of the machine for one that listens on all', () => {
    const interfaces = () => ({ lo: [loopback], eth0: [address('10.0.0.5'), linkLocal] })
    expect(advertisedAt({ host: '0.0.0.0', port: 8080 }, undefined, interfaces)).toBe('10.0.0.5:8080')
  })

  it('is unknown where there are several, or none', () => {
    const several = () => ({ eth0: [address('10.0.0.5')], docker0: [address('172.17.0.1')] })
    for (const interfaces of [several, () => ({ lo: [loopback] })])
      expect(advertisedAt({ host: '::', port: 8080 }, undefined, interfaces)).toBeUndefined()
  })
})
