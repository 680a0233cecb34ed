import { describe, expect, it } from 'vitest'
import { EtcdError, errorIn, unreachable, watchRefusal } from './etcd-error.js'

const endpoint = 'http://host:2379'

describe('the four shapes of an error', () => {
  const [code, message] = [14, 'etcdserver: no leader']
  it.each([
    ['of 3.4', { error: message, message, code }],
    ['of 3.5', { code, message }],
    ['of a stream of 3.4', { error: { grpc_code: code, http_code: 503, message, http_status: 'X' } }],
    ['of a stream of 3.5', { error: { code, message } }],
  ])('%s says which member, why, and that another may do it', (_, body) => {
    expect(errorIn(endpoint, 503, body)).toMatchObject({
      message: 'http://host:2379: etcdserver: no leader',
      outlook: 'again',
    })
  })

  it('a stream may have one though its status is 200', () => {
    expect(errorIn(endpoint, 200, { error: { code, message } })).toBeInstanceOf(EtcdError)
  })
})

it.each([
  [14, 'etcdserver: request timed out', 'again'],
  [4, 'context deadline exceeded', 'again'],
  [2, 'context deadline exceeded', 'again'],
  [2, 'raft proposal dropped', 'again'],
  [2, 'something else', 'again'],
  [8, 'etcdserver: too many requests', 'again'],
  [9, 'etcdserver: not leader', 'again'],
  [9, 'etcdserver: authentication is not enabled', 'never'],
  [16, 'etcdserver: invalid auth token', 'login'],
  [3, 'etcdserver: user name is empty', 'login'],
  [3, 'etcdserver: revision of auth store is old', 'login'],
  [3, 'etcdserver: authentication failed, invalid user ID or password', 'never'],
  [7, 'etcdserver: permission denied', 'never'],
  [8, 'etcdserver: mvcc: database space exceeded', 'never'],
  [5, 'etcdserver: requested lease not found', 'never'],
])('code %i with "%s" is to be asked %s', (code, message, outlook) => {
  expect(errorIn(endpoint, 400, { code, message })).toMatchObject({ outlook })
})

it('knows a lease that is gone and a revision that is not kept', () => {
  const said = (message: string) => errorIn(endpoint, 400, { code: 5, message })
  expect(said('etcdserver: requested lease not found')).toMatchObject({
    isLeaseGone: true,
    isCompacted: false,
  })
  expect(said('etcdserver: mvcc: required revision has been compacted')).toMatchObject({
    isLeaseGone: false,
    isCompacted: true,
  })
})

describe('an answer that is none of etcd', () => {
  it.each([
    [404, '404 page not found', 'never', '--enable-grpc-gateway'],
    [400, 'CommonName of client', 'never', 'answered 400 "CommonName of client"'],
    [502, '<html>', 'again', 'answered 502'],
    [200, '<html>', 'again', 'answered 200 "<html>"'],
    [200, '{"header":{"cluster_', 'again', 'answered 200'],
    [200, '', 'again', 'answered 200'],
    [200, null, 'again', 'answered 200'],
    [200, {}, 'again', 'answered 200'],
  ])('with status %i and the body %j', (status, body, outlook, shown) => {
    expect(errorIn(endpoint, status, body)).toMatchObject({
      outlook,
      message: expect.stringContaining(shown),
    })
  })

  it('is shown in part when it is long', () => {
    expect(errorIn(endpoint, 500, 'x'.repeat(10_000))?.message.length).toBeLessThan(300)
  })
})

it.each([{ header: {}, kvs: [] }, { result: { TTL: '5' } }])('%j is no error', (body) => {
  expect(errorIn(endpoint, 200, body)).toBeUndefined()
})

it.each([
  ['ECONNREFUSED', 'again'],
  ['ECONNRESET', 'again'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'never'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'never'],
  ['CERT_HAS_EXPIRED', 'never'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'never'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'never'],
])('a member that fails with %s is to be asked %s', (code, outlook) => {
  const cause = Object.assign(new Error('why'), { code })
  expect(unreachable(endpoint, cause)).toMatchObject({ message: `${endpoint}: why`, outlook, cause })
})

it('a cause without words is named', () => {
  expect(unreachable(endpoint, new AggregateError([])).message).toBe(`${endpoint}: AggregateError`)
})

it.each([
  ['rpc error: code = Unauthenticated desc = etcdserver: invalid auth token', 'login'],
  ['rpc error: code = InvalidArgument desc = etcdserver: user name is empty', 'login'],
  ['rpc error: code = PermissionDenied desc = etcdserver: permission denied', 'never'],
  ['etcdserver: no leader', 'again'],
])('a watch that is ended with "%s" is to be asked for %s', (reason, outlook) => {
  expect(watchRefusal(endpoint, reason)).toMatchObject({ outlook })
})
