/**
 * Asks a cluster of etcd: one member after the other until one does it, with a token of its user where it has one. What is asked is the
 * store's affair.
 */
import { setTimeout } from 'node:timers/promises'
import { retryAfter, untried } from '../../core/index.js'
import { EtcdError } from './etcd-error.js'
import { createLogin } from './login.js'
import { createMembers } from './members.js'
import { type Certificates, createTransport } from './transport.js'
import { openWatch, type WatchListener, type WatchStream } from './watch-stream.js'
import type { CallPath, Calls, KeyRange } from './wire.js'

export interface EtcdClientOptions {
  readonly endpoints: readonly string[]
  readonly credentials?: { readonly user: string; readonly password: string } | undefined
  readonly certificates: Certificates
  /** How long a member may take for an answer, milliseconds. */
  readonly answerMs: number
}

export interface EtcdClient {
  /**
   * Asks each member once at most.
   *
   * @throws {EtcdError} when none has done it; whether it has been done all the same is not known then.
   */
  call<Path extends CallPath>(path: Path, request: Calls[Path]['request']): Promise<Calls[Path]['answer']>
  /** The same, again and again for `patienceMs`, as whoever waits for it would. */
  callPatiently<Path extends CallPath>(
    path: Path,
    request: Calls[Path]['request'],
  ): Promise<Calls[Path]['answer']>
  /**
   * Follows what happens to a range of keys, from a revision on, at one member; whoever wants it to go on at another one opens another.
   *
   * @throws {EtcdError} when the user cannot be logged in.
   */
  watch(range: KeyRange, from: number, listener: WatchListener): Promise<WatchStream>
  /** What a member is asked with, for whoever has to ask without this client. */
  access(): {
    readonly endpoints: readonly string[]
    readonly token: string | undefined
    readonly certificates: Certificates
  }
  /** Ends what is under way. */
  close(): void
}

/** An etcd that starts together with what needs it, or elects a leader, is there by then. */
const patienceMs = 5000

/** The longest pause meanwhile, milliseconds. */
const limitMs = 500

export function createEtcdClient(options: EtcdClientOptions): EtcdClient {
  const { endpoints, credentials, certificates, answerMs } = options
  const transport = createTransport(certificates)
  const members = createMembers(endpoints)
  let isClosed = false
  const login = createLogin(credentials, (name, password) =>
    inTurn((endpoint) => ask(endpoint, '/v3/auth/authenticate', { name, password }, undefined)),
  )

  const ask = async <Path extends CallPath>(
    endpoint: string,
    path: Path,
    request: Calls[Path]['request'],
    token: string | undefined,
  ): Promise<Calls[Path]['answer']> =>
    (await transport.post(endpoint, path, request, { token, withinMs: answerMs })) as Calls[Path]['answer']

  const inTurn = async <T>(attempt: (endpoint: string) => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      const endpoint = members.current()
      try {
        return await attempt(endpoint)
      } catch (error) {
        if (!(error instanceof EtcdError) || error.outlook !== 'again') throw error
        members.leave(endpoint)
        if (tries === endpoints.length) throw error
      }
    }
  }

  const call: EtcdClient['call'] = async (path, request) => {
    const token = await login.token()
    try {
      return await inTurn((endpoint) => ask(endpoint, path, request, token))
    } catch (error) {
      const fresh = await login.tokenAfter(error, token)
      return inTurn((endpoint) => ask(endpoint, path, request, fresh))
    }
  }

  return {
    call,
    async callPatiently(path, request) {
      const start = performance.now()
      for (let retry = untried; ; ) {
        try {
          return await call(path, request)
        } catch (error) {
          const now = performance.now()
          retry = retryAfter(retry, { now, chance: Math.random(), limitMs })
          const isOver = retry.dueAt - start > patienceMs
          if (isClosed || isOver || !(error instanceof EtcdError) || error.outlook !== 'again') throw error
          await setTimeout(retry.dueAt - now)
        }
      }
    },
    async watch(range, from, listener) {
      const token = await login.token()
      const endpoint = members.current()
      return openWatch(transport.stream(endpoint, '/v3/watch', token), endpoint, range, from, {
        onMessage: listener.onMessage,
        onEnd(error) {
          if (error.outlook === 'again') members.leave(endpoint)
          if (error.outlook === 'login') login.forget(token)
          listener.onEnd(error)
        },
      })
    },
    access: () => ({ endpoints, token: login.known(), certificates }),
    close() {
      isClosed = true
      transport.close()
    },
  }
}
