/**
 * Node programs that are being debugged: the inspector lists them by HTTP at its port (nodejs.org, "Debugging Node.js"). The id that it
 * asks for before it lets anybody in stands in the same list, and is left out.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defined, isRecord } from '../../core/index.js'
import { listenerAt } from '../../registry/index.js'
import type { Discovered, Surroundings } from './discovered.js'
import { fetchJson } from './fetch-text.js'
import { portOf, textOf } from './fields.js'

export async function nodeInspectors(surroundings: Surroundings): Promise<Discovered[]> {
  const { ports, commandLines, signal } = surroundings
  const all = new Set([
    ...ports.inspector,
    ...commandLines.flat().flatMap((argument) => portIn(argument) ?? []),
  ])
  const found = [...all].map(async (port) => read(port, await fetchJson(port, '/json/list', signal)))
  return (await Promise.all(found)).flat()
}

/** Of `--inspect`, `--inspect-brk`, `--inspect-wait` and `--inspect-port`, which may have a host before the port. */
function portIn(argument: string): number | undefined {
  return portOf(/^--inspect(?:-\w+)?=(?:.*:)?(\d+)$/.exec(argument)?.[1])
}

/** One inspector has one program. A browser answers with its pages, which are of another type. */
function read(port: number, answer: unknown): Discovered[] {
  const target: unknown = Array.isArray(answer) ? answer[0] : undefined
  if (!isRecord(target) || target.type !== 'node') return []
  const details = defined({ pid: listenerAt(port), where: directoryOf(target.url) })
  return [{ source: 'node-inspector', name: textOf(target.title) ?? 'node', port, ...details }]
}

/** That of the script; code from the command line has none, and `file://` in its place. */
function directoryOf(url: unknown): string | undefined {
  const text = textOf(url)
  if (text === undefined || !/^file:\/\/\/./.test(text)) return undefined
  try {
    return dirname(fileURLToPath(text))
  } catch {
    return undefined
  }
}
