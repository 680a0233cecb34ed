/**
 * Asks a port of this machine, on both loopback addresses: whether anything listens there (`probePort`), or whether
 * whoever listens there answers (`probeServer`), and how soon (`roundTrip`). A few at a time, however many entries some program has written.
 */
import { connect, type Socket } from 'node:net'
import { type Entry, isLoopbackHost, isWildcardHost } from '../core/index.js'
import { sharesLoopback } from './listening.js'
import type { ProbeResult } from './liveness-rules.js'

/** Loopback in both families: a server may listen on either alone. */
const loopback = ['127.0.0.1', '::1'] as const

/** A listening socket on loopback accepts in microseconds; this only ends the wait for one that is filtered. */
const acceptMs = 1000

/** How many ports are asked at once. */
const maxProbes = 16

let probes = 0
const waiting: (() => void)[] = []

async function inTurn<T>(probe: () => Promise<T>): Promise<T> {
  if (probes >= maxProbes) await new Promise<void>((resolve) => waiting.push(resolve))
  probes += 1
  try {
    return await probe()
  } finally {
    probes -= 1
    waiting.shift()?.()
  }
}

/** Dials a port without speaking to it: `refused` only if both addresses refuse, `accepted` if either accepts. */
export function probePort(port: number): Promise<ProbeResult> {
  return inTurn(async () => {
    const results = await Promise.all(loopback.map((host) => dial(port, host)))
    if (results.includes('accepted')) return 'accepted'
    return results.every((result) => result === 'refused') ? 'refused' : 'unknown'
  })
}

/** Whether a server is one that may be asked: nothing but this machine is ever dialled. */
export function isProbeable(entry: Entry): boolean {
  const { host } = entry
  return sharesLoopback(entry) && (host === undefined || isLoopbackHost(host) || isWildcardHost(host))
}

/** Whether a server does anything about a plain HTTP request within `patienceMs`. */
export async function probeServer(entry: Entry, patienceMs: number): Promise<boolean> {
  return (await roundTrip(entry, patienceMs)) !== undefined
}

/**
 * Sends a server a plain HTTP request. Resolves to the time in milliseconds that it took to do anything about it, from the
 * connection on: an answer of any kind, or hanging up; undefined where that was nothing within `patienceMs`, or the server is
 * not to be asked. The system alone accepts connections for a process that hangs, and no more.
 */
export async function roundTrip(entry: Entry, patienceMs: number): Promise<number | undefined> {
  if (!isProbeable(entry)) return undefined
  const { port, host, path } = entry
  const hosts = host !== undefined && /^[\d.:]+$/.test(host) && !isWildcardHost(host) ? [host] : loopback
  const request = `GET ${path ?? '/'} HTTP/1.1\r\nHost: localhost:${port}\r\nUser-Agent: wsyard\r\nConnection: close\r\n\r\n`
  return inTurn(async () => {
    const asking = hosts.map((address) => ask(port, address, request, patienceMs))
    return Promise.any(asking).catch(() => undefined)
  })
}

function dial(port: number, host: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: acceptMs })
    const finish = (result: ProbeResult): void => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => finish('accepted'))
    socket.once('timeout', () => setImmediate(finish, 'unknown')) // a late answer counts, if it has arrived
    socket.once('error', ({ code }: NodeJS.ErrnoException) => finish(isRefusal(code) ? 'refused' : 'unknown'))
  })
}

/** Resolves to the time that whoever listens took to react, in milliseconds; rejects when nobody does. */
function ask(port: number, host: string, request: string, patienceMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let askedAt = performance.now()
    const answered = (): void => resolve(performance.now() - askedAt)
    const socket: Socket = connect({ port, host, timeout: patienceMs })
    const finish = (settle: () => void): void => {
      socket.destroy()
      settle()
    }
    socket.once('connect', () => {
      askedAt = performance.now()
      socket.write(request)
    })
    socket.once('data', () => finish(answered))
    socket.once('end', () => finish(answered))
    // Not before what has arrived is read: this process, too, may have been stopped all the while.
    socket.once('timeout', () => setImmediate(finish, reject))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => finish(isHangUp(code) ? answered : reject))
  })
}

/** Whoever hangs up has seen the connection, if not the request. */
function isHangUp(code: string | undefined): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE'
}

/** A machine without IPv6 has no ::1 on which anything could listen. */
function isRefusal(code: string | undefined): boolean {
  return code === 'ECONNREFUSED' || code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}
