/**
 * What tells one run of a server, at one place, from another.
 */
import type { SnapshotServer } from '../core/index.js'

export function runOf(server: SnapshotServer | undefined): string | undefined {
  return JSON.stringify(server, ['id', 'instance', 'pid', 'port', 'host', 'path'])
}
