/**
 * Asks a port whether anything listens there, without speaking to it.
 */
import { connect } from 'node:net'
import type { ProbeResult } from '../core/index.js'

/** Loopback in both families: a server may listen on either alone. */
const loopback = ['127.0.0.1', '::1'] as const

/** A listening socket on loopback accepts in microseconds; this only ends the wait for one that is filtered. */
const timeoutMs = 1000

/** How many ports are asked at once, however many entries some program has written. */
const maxProbes = 16

let probes = 0
const waiting: (() => void)[] = []

/** Dials a port on both loopback addresses: `refused` only if both refuse, `accepted` if either accepts. */
export async function probePort(port: number): Promise<ProbeResult> {
  if (probes >= maxProbes) await new Promise<void>((resolve) => waiting.push(resolve))
  probes += 1
  const results = await Promise.all(loopback.map((host) => dial(port, host)))
  probes -= 1
  waiting.shift()?.()
  if (results.includes('accepted')) return 'accepted'
  return results.every((result) => result === 'refused') ? 'refused' : 'unknown'
}

function dial(port: number, host: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: timeoutMs })
    const finish = (result: ProbeResult): void => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => finish('accepted'))
    socket.once('timeout', () => finish('unknown'))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => finish(isRefusal(code) ? 'refused' : 'unknown'))
  })
}

/** A machine without IPv6 has no ::1 on which anything could listen. */
function isRefusal(code: string | undefined): boolean {
  return code === 'ECONNREFUSED' || code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}
