/**
 * Removes entries at the very end of the process, when nothing asynchronous can run in it any more: another thread asks etcd, and this one
 * waits for it.
 */
import { Worker } from 'node:worker_threads'
import type { EtcdClient } from './client/etcd-client.js'
import type { Txn } from './client/wire.js'

/** How long the end of the process may be put off. What is not removed by then goes with its lease. */
const atExitMs = 1000

/** Removals in one transaction, each a transaction in it, and some of what etcd takes at once. */
const maxRemovals = 25

interface Errand {
  readonly bodies: readonly string[]
  readonly endpoints: readonly string[]
  readonly headers: Record<string, string>
  readonly certificates: object
  /** Becomes 1 when it is done. */
  readonly done: Int32Array
}

/** @param access with what etcd is asked */
export function removeAtExit(removals: readonly Txn[], access: ReturnType<EtcdClient['access']>): void {
  if (removals.length === 0) return
  const bodies: string[] = []
  for (let from = 0; from < removals.length; from += maxRemovals) {
    const some = removals.slice(from, from + maxRemovals).map((removal) => ({ request_txn: removal }))
    bodies.push(JSON.stringify({ success: some }))
  }
  const { endpoints, token, certificates } = access
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const errand: Errand = {
    bodies,
    endpoints,
    headers: token === undefined ? headers : { ...headers, authorization: token },
    certificates,
    done: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  }
  // As a text, since a module of its own would have to be found wherever this one has been bundled to.
  const worker = new Worker(`(${runErrand})(require)`, { eval: true, workerData: errand, execArgv: [] })
  worker.unref()
  Atomics.wait(errand.done, 0, 0, atExitMs)
}

/** Runs in the other thread, and so knows nothing of this module. Asks all members at once: the first does it, and the others find it done. */
function runErrand(load: NodeJS.Require): void {
  const { workerData } = load('node:worker_threads') as { workerData: Errand }
  const { bodies, endpoints, headers, certificates, done } = workerData
  const { request: overHttp } = load('node:http') as typeof import('node:http')
  const { request: overHttps } = load('node:https') as typeof import('node:https')
  let open = bodies.length * endpoints.length
  const finish = (): void => {
    Atomics.store(done, 0, 1)
    Atomics.notify(done, 0)
  }
  for (const body of bodies) {
    for (const endpoint of endpoints) {
      const send = endpoint.startsWith('https:') ? overHttps : overHttp
      const request = send(`${endpoint}/v3/kv/txn`, { method: 'POST', headers, ...certificates })
      request.on('error', () => {})
      request.on('response', (response) => {
        response.on('error', () => {})
        response.on('end', () => {
          if (bodies.length === 1 && response.statusCode === 200) finish()
        })
        response.resume()
      })
      request.on('close', () => {
        open -= 1
        if (open === 0) finish()
      })
      request.end(body)
    }
  }
}
