/**
 * The servers that a program has on record in a directory and that still run: what most adapters have in common.
 */
import { isAlive } from './alive.js'
import type { Discovered, Surroundings } from './discovered.js'
import { type RecordFile, readRecords } from './read-records.js'

/** @param read makes a server of a record; undefined when it does not understand it. */
export async function recorded(
  directory: string,
  name: RegExp,
  { signal, onWarning }: Surroundings,
  read: (file: RecordFile) => Discovered | undefined,
): Promise<Discovered[]> {
  const servers = readRecords(directory, name, onWarning).flatMap((file) => read(file) ?? [])
  const areAlive = await Promise.all(servers.map((server) => isAlive(server, signal)))
  return servers.filter((_, index) => areAlive[index])
}
