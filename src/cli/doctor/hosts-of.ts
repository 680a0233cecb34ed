/**
 * At which addresses a server listens, as the system has it.
 */
import type { Entry } from '../../core/index.js'
import type { Listener } from '../../registry/index.js'

/** The addresses at which the process of an entry has its port; none where that is not known. */
export function hostsOf({ pid, port }: Entry, listeners: readonly Listener[] = []): string[] {
  return listeners
    .filter((listener) => listener.pid === pid && listener.port === port)
    .map(({ host }) => host)
}
