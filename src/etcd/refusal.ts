/**
 * What etcd says, as whoever asked for something hears of it: what has not been done, why, and what to do next.
 */
import { type ErrorCode, type ErrorDetails, reasonOf, WsyardError } from '../core/index.js'
import { EtcdError } from './client/etcd-error.js'

/**
 * @param what has not been done
 * @param after what is to be known besides, as whole sentences
 */
export function refusal(
  code: ErrorCode,
  what: string,
  error: unknown,
  prefix: string,
  after?: string,
  details: ErrorDetails = {},
): WsyardError {
  if (error instanceof WsyardError) return error
  const sentences = [`${what}: ${reasonOf(error)}.`, nextStep(error, prefix), after]
  return new WsyardError(code, sentences.filter((one) => one !== undefined).join(' '), {
    ...details,
    cause: error,
  })
}

function nextStep(error: unknown, prefix: string): string | undefined {
  if (!(error instanceof EtcdError)) return undefined
  if (error.isFull)
    return 'This etcd is full: make room in it by "etcdctl compact" and "etcdctl defrag", or by a larger --quota-backend-bytes, then run "etcdctl alarm disarm".'
  if (error.isDenied)
    return `Let the user read and write all keys that begin with "${prefix}": "etcdctl role grant-permission ROLE readwrite --prefix ${prefix}".`
  if (error.isOfCredentials)
    return 'Correct the user and the password in the URL of the registry, or leave them out if this etcd has no users.'
  if (error.isOfCertificates)
    return 'In the URL of the registry, ca= names the authority that has signed the certificates of etcd, and cert= and key= what etcd knows this client by.'
  return error.outlook === 'again' ? 'Is etcd running, and reached from here?' : undefined
}
