/**
 * How the hub turns requests and upgrades away (`PROTOCOL.md`, "Refusals").
 */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type Refusal,
  refusalBody,
  refusalHeaders,
  refusalResponse,
  refusalStatus,
  WsyardError,
} from '../core/index.js'

/** Answers a request. The headers are sent besides those of every refusal. */
export function refuse(
  response: ServerResponse,
  refusal: Refusal,
  headers: Record<string, string> = {},
): void {
  const body = refusalBody(refusal)
  const sent: Record<string, string> = {
    ...headers,
    ...refusalHeaders(refusal),
    'content-length': String(body.length),
  }
  if (response.req.httpVersionMajor > 1) delete sent.upgrade // HTTP/2 has no such header, and throws
  response.writeHead(refusalStatus(refusal), sent)
  response.end(body)
}

/** Says that the registry cannot be read. */
export function unreadable(problem: Error): Refusal {
  const code = problem instanceof WsyardError ? problem.code : 'WSYARD_ERR_REGISTRY_UNREADABLE'
  return { code, message: problem.message }
}

/** How long who was refused is given to take the answer and close. */
const closeMs = 1000

/** Answers an upgrade, and sees to it that its socket is closed, whatever the other side does. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  socket.on('error', () => {}) // the other side is free to be gone already
  const cut = setTimeout(() => socket.destroy(), closeMs)
  socket.once('close', () => clearTimeout(cut))
  socket.once('end', () => socket.destroy())
  socket.resume() // or its end would not be seen
  socket.end(refusalResponse(refusal))
}
