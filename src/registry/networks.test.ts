import { afterEach, describe, expect, it, vi } from 'vitest'
import { networksOf } from './networks.js'

describe('networks', () => {
  const networks = networksOf(['10.1.0.0/16', 'fd00::/8', '192.168.7.9/32'], 'networks')

  it.each(['10.1.0.1', '10.1.255.255', 'fd12::1', '192.168.7.9', '::ffff:10.1.0.1'])(
    'include %s',
    (address) => {
      expect(networks.includes(address)).toBe(true)
    },
  )

  it.each([
    '10.2.0.1',
    '192.168.7.8',
    'fe80::1',
    '127.0.0.1',
    '::1',
    'localhost',
    'devbox',
    '10.1.0.1.nip.io',
    '010.1.0.1',
    '167837697',
    '',
  ])('do not include %s', (address) => {
    expect(networks.includes(address)).toBe(false)
  })

  it.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', '/8', 'lan/8', '10.0.0/8', '10.0.0.0/-1', '10.0.0.0/8 '])(
    'are not "%s"',
    (network) => {
      expect(() => networksOf([network], 'the option networks')).toThrow(
        `the option networks must be networks as 10.0.0.0/8 or fd00::/8 (got "${network}")`,
      )
    },
  )

  it.each(['0.0.0.0', '::', '0:0:0:0:0:0:0:0', '::0.0.0.0', '::ffff:0.0.0.0', '::ffff:0:0'])(
    'never include %s, by which a system dials itself',
    (address) => {
      expect(networksOf(['0.0.0.0/0', '::/0'], 'networks').includes(address)).toBe(false)
    },
  )

  afterEach(() => vi.unstubAllEnvs())

  it('of the environment that are none are refused by its name, as an error of ours', () => {
    vi.stubEnv('WSYARD_NETWORKS', '10.0.0.0/8, lan')
    expect(() => networksOf(undefined, 'networks')).toThrow(
      expect.objectContaining({
        code: 'WSYARD_ERR_REGISTRY_URL',
        message: 'WSYARD_NETWORKS must be networks as 10.0.0.0/8 or fd00::/8 (got "lan").',
      }),
    )
  })

  it('are none by default', () => {
    expect(networksOf([], 'networks').includes('10.1.0.1')).toBe(false)
    expect(networksOf(undefined, 'networks').includes('10.1.0.1')).toBe(false)
  })
})
