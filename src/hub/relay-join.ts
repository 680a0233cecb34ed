/**
 * Two streams as one: bytes both ways, each side as fast as the other takes them, and an end for both.
 */
import type { Duplex } from 'node:stream'

export interface JoinOptions {
  /** The server has ended its side, or is gone. May be called twice. */
  onServerEnd(): void
  /** Both are closed. */
  onClose(): void
}

/** How long one side is given to end after the other has. */
const lingerMs = 5000

/** Joins them, and returns what cuts both. */
export function joinStreams(
  client: Duplex,
  server: Duplex,
  { onServerEnd, onClose }: JoinOptions,
): () => void {
  const cut = (): void => {
    client.destroy()
    server.destroy()
  }
  let lingering: NodeJS.Timeout | undefined
  const linger = (): void => {
    lingering ??= setTimeout(cut, lingerMs)
  }
  server.once('end', onServerEnd)
  server.once('close', onServerEnd)
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', cut)
    one.once('end', linger)
    one.once('close', () => {
      if (one.readableEnded) other.end()
      else other.destroy()
      if (!other.closed) return
      clearTimeout(lingering)
      onClose()
    })
    one.pipe(other)
  }
  return cut
}
