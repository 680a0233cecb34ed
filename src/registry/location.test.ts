import { describe, expect, it } from 'vitest'
import { type EtcdLocation, parseLocation } from './location.js'

const parse = (url: string) => parseLocation(url, 'The URL')

/** What is said of a URL that names no registry. */
function refusalOf(url: string): string {
  try {
    parse(url)
  } catch (error) {
    expect(error).toMatchObject({ code: 'WSYARD_ERR_REGISTRY_URL' })
    return error instanceof Error ? error.message : ''
  }
  throw new Error(`${url} is taken`)
}

describe('file:', () => {
  it.each([
    ['file:', undefined],
    ['file:///srv/registry', '/srv/registry'],
    ['file:/srv/registry', '/srv/registry'],
    ['file:///srv/a%20b%3f', '/srv/a b?'],
  ])('%s is the directory %s', (url, home) => {
    expect(parse(url)).toEqual({ driver: 'file', home })
  })

  it.each([
    ['file:registry', 'no absolute path'],
    ['file:~/registry', 'no absolute path'],
    ['file://server/share', 'names a host'],
    ['file://', 'no absolute path'],
    ['file:///srv/a?ttl=5', '%3F'],
    ['file:///srv/a%', 'has no path'],
    ['file:///srv/a%2fb', 'has no path'],
  ])('%s is refused, as it %s', (url, why) => {
    expect(refusalOf(url)).toContain(why)
  })
})

describe('etcd:', () => {
  const etcd = (fields: Partial<EtcdLocation>) => ({ driver: 'etcd', prefix: 'wsyard/', ...fields })

  it.each([
    ['etcd://localhost', ['http://localhost:2379']],
    ['etcd://10.0.0.1:4001', ['http://10.0.0.1:4001']],
    ['etcds://etcd-0.etcd_1.example', ['https://etcd-0.etcd_1.example:2379']],
    ['etcd://[::1]', ['http://[::1]:2379']],
    ['etcd://[fe80::1]:1', ['http://[fe80::1]:1']],
    ['etcd://a,b:1,[::1]:2', ['http://a:2379', 'http://b:1', 'http://[::1]:2']],
  ])('%s has the members %j', (url, endpoints) => {
    expect(parse(url)).toEqual(etcd({ endpoints }))
  })

  it.each([
    ['', 'wsyard/'],
    ['/', 'wsyard/'],
    ['/team', 'team/'],
    ['/team/a/', 'team/a/'],
    ['//team', 'team/'],
    ['/team%20%40%3f', 'team @?/'],
  ])('with the path "%s" keys begin with "%s"', (path, prefix) => {
    expect(parse(`etcd://host${path}`)).toMatchObject({ prefix })
  })

  it.each([
    ['ann', { user: 'ann' }],
    ['ann:secret', { user: 'ann', password: 'secret' }],
    ['ann:', { user: 'ann', password: '' }],
    ['ann:a:b', { user: 'ann', password: 'a:b' }],
    ['ann%40example:%2f%3a%40%25', { user: 'ann@example', password: '/:@%' }],
  ])('%s@ is the user %j', (credentials, fields) => {
    expect(parse(`etcd://${credentials}@host`)).toEqual(etcd({ endpoints: ['http://host:2379'], ...fields }))
  })

  it('takes options, a plus sign in a path included', () => {
    const query = 'ttl=30&ca=/etc/c++/ca.pem&cert=/a%26b.pem&key=/key.pem&password-file=/run/secret'
    expect(parse(`etcds://host/team?${query}`)).toEqual({
      driver: 'etcd',
      endpoints: ['https://host:2379'],
      prefix: 'team/',
      ttl: 30,
      ca: '/etc/c++/ca.pem',
      cert: '/a&b.pem',
      key: '/key.pem',
      passwordFile: '/run/secret',
    })
  })

  it.each(['2', '10', '86400'])('takes a ttl of %s seconds', (ttl) => {
    expect(parse(`etcd://host?ttl=${ttl}`)).toMatchObject({ ttl: Number(ttl) })
  })

  it.each(['', '0', '1', '86401', '-5', '2.5', '5s', '1e3', '999999999999999999999'])(
    'refuses a ttl of "%s"',
    (ttl) => {
      expect(refusalOf(`etcd://host?ttl=${ttl}`)).toContain(
        'ttl that is no number of seconds from 2 to 86400',
      )
    },
  )

  it.each([
    ['etcd:', 'is not etcd://'],
    ['etcd://', 'is not etcd://'],
    ['etcd:host', 'is not etcd://'],
    ['etcd:///prefix', 'is not etcd://'],
    ['etcd://host/prefix#part', 'is not etcd://'],
    ['etcd://host/a@b', '%40'],
    ['etcd://ann@', 'is not etcd://'],
    ['etcd://:secret@host', 'empty user'],
    ['etcd://a,', 'no host and port in ""'],
    ['etcd://a,,b', 'no host and port in ""'],
    ['etcd://host:', 'no host and port in "host:"'],
    ['etcd://host:0', 'no host and port in "host:0"'],
    ['etcd://host:65536', 'no host and port in "host:65536"'],
    ['etcd://::1', 'an IPv6 address that does not stand in [ ]'],
    ['etcd://[:::]', 'no host and port in "[:::]"'],
    ['etcd://1.2.3.999', 'no host and port in "1.2.3.999"'],
    ['etcd://a b', 'no host and port in "a b"'],
    ['etcd://host\n', 'no host and port in "host\n"'],
    ['etcd://host/%', '% that stands for nothing'],
    ['etcd://host/%ff', '% that stands for nothing'],
    ['etcd://%zz@host', '% that stands for nothing'],
    ['etcd://host?tls=1', 'unknown option "tls" (there are ttl, ca, cert, key, password-file, secret-file)'],
    ['etcd://host?__proto__=1', 'unknown option "__proto__"'],
    ['etcd://host?ca=/ca.pem', 'go with etcds:'],
    ['etcds://host?cert=/cert.pem', 'cert without its key'],
    ['etcds://host?key=/key.pem', 'cert without its key'],
  ])('%j is refused, as it has %s', (url, why) => {
    expect(refusalOf(url)).toContain(why)
  })
})

it.each(['', 'host', '10.0.0.1:2379', '/srv/registry'])('"%s" is no URL', (url) => {
  expect(refusalOf(url)).toContain(`The URL "${url}" is no URL`)
})

it.each(['localhost:2379', 'http://localhost:2379', 'redis://host'])('%s is no registry', (url) => {
  expect(refusalOf(url)).toContain('a kind of registry that there is not')
})

it('a refusal says where the URL was given, and which there are', () => {
  expect(() => parseLocation('redis://host', 'WSYARD_REGISTRY')).toThrow(
    'WSYARD_REGISTRY "redis://host" names a kind of registry that there is not. Give file:, file:///absolute/path, or etcd://host:2379/prefix.',
  )
})

it.each([
  'etcd://ann:hush@host?tls=1',
  'etcd://ann:hush@host:0',
  'etcd://ann:hush%@host',
  'etcd://ann:hu@hush@host',
  'etcd://ann@example:hush@host',
  'etcd://ann:1/hush@host',
  'etcd://ann:1?hush@host',
  'etcd://ann:1#hush@host',
  'etcd://ann:1,hush/@host',
  'etcd://ann:a\nhush@host:0',
  'etcd://:hush@host',
  'etcd:ann:hush@host',
  'ETCD://ann:hush@host',
  'redis://ann:hush@host',
  'ann:hush@host',
  'ann:hush',
  'etcd://ann:hush',
  'etcd://ann:hush/team',
  'etcd://ann:123456hush',
  'etcd://ann:12%hush',
  'etcd://ann:hush,host',
  'etcd://host,ann:hush',
  'etcd://ann:a?hush',
  'redis://ann:hush',
  'etcd://host?password=hush',
  'etcd://host?password=a&hush=1',
  'etcd://host?secret-file=hush&tls=1',
  'etcd://host?ttl=hush',
  'etcd://host:0?ttl=hush',
  'etcd://host?#hush',
])('the refusal of %j does not show the password', (url) => {
  expect(refusalOf(url)).toContain('***')
  expect(refusalOf(url)).not.toContain('hush')
})
