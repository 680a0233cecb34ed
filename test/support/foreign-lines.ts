/** Puts lines into `servers.json` as a program that knows nothing of wsyard does, in place. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { expect } from 'vitest'
import { indexIdsOrNone } from './index-file.js'

/** A port of loopback on which nothing listens: the system has just given it out and taken it back. */
export async function refusingPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** What a dead server leaves: a pid that no process ever has, and a port on which nothing listens. */
export async function deadLine(id: string): Promise<{ id: string; pid: number; port: number }> {
  return { id, pid: 2_147_483_647, port: await refusingPort() }
}

/** Adds lines at the end, or before all others. */
export function addLines(path: string, lines: readonly object[], where: 'first' | 'last' = 'last'): void {
  const index = JSON.parse(readFileSync(path, 'utf8')) as { servers: object[] }
  const servers = where === 'last' ? [...index.servers, ...lines] : [...lines, ...index.servers]
  writeFileSync(path, JSON.stringify({ ...index, servers }, null, 2))
}

/**
 * Resolves when a hub has looked at every process and every foreign port twice since the call: it takes a dead line
 * out of the index in such a look only.
 */
export async function hubHasLookedTwice(path: string): Promise<void> {
  for (const look of ['first', 'second']) {
    const id = `dead-at-the-${look}-look`
    addLines(path, [await deadLine(id)])
    await expect
      .poll(() => indexIdsOrNone(path)?.includes(id) ?? true, { timeout: 30_000, interval: 100 })
      .toBe(false)
  }
}
