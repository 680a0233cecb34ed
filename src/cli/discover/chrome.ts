/**
 * Chrome and its relatives, where a program may debug them: `DevToolsActivePort` in a profile holds the port, and `/json/version` there tells
 * the rest (chromedevtools.github.io, "HTTP Endpoints"). The id that lets a program in stands in both, and is left out.
 */
import { readlinkSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { defined, isRecord } from '../../core/index.js'
import { listenerAt } from '../../registry/index.js'
import { accepts, isRunning } from './alive.js'
import { profilesOf } from './chrome-profiles.js'
import type { Discovered, Surroundings } from './discovered.js'
import { fetchJson } from './fetch-text.js'
import { pidOf, portOf, textOf } from './fields.js'
import { readText } from './read-records.js'

export async function chrome(surroundings: Surroundings): Promise<Discovered[]> {
  const { ports, commandLines, signal } = surroundings
  const given = commandLines.flat()
  const named = given.flatMap((argument) => valueIn('--user-data-dir', argument) ?? []).filter(isAbsolute)
  const profiles = new Map<number, string[]>()
  for (const profile of new Set([...profilesOf(surroundings), ...named])) {
    const port = activePort(profile)
    if (port !== undefined) profiles.set(port, [...(profiles.get(port) ?? []), profile])
  }
  const told = given.flatMap((argument) => portOf(valueIn('--remote-debugging-port', argument)) ?? [])
  const all = new Set([...ports.chrome, ...told, ...profiles.keys()])
  const found = [...all].map((port) => ask(port, profiles.get(port) ?? [], signal))
  return (await Promise.all(found)).flat()
}

function valueIn(option: string, argument: string): string | undefined {
  return argument.startsWith(`${option}=`) ? argument.slice(option.length + 1) : undefined
}

/** Its first line. A browser that has ended leaves it behind. */
function activePort(profile: string): number | undefined {
  return portOf(readText(join(profile, 'DevToolsActivePort'))?.split('\n')[0]?.trim())
}

/** @param profiles those in which this port is on record: of several, all but one are of browsers that have ended. */
async function ask(port: number, profiles: readonly string[], signal: AbortSignal): Promise<Discovered[]> {
  const browser = browserIn(await fetchJson(port, '/json/version', signal))
  if (browser === undefined && profiles.length === 0) return []
  const listener = listenerAt(port)
  const holder = profiles
    .map((profile) => ({ profile, pid: holderOf(profile) }))
    .find(({ pid }) => pid !== undefined && (listener === undefined || pid === listener))
  const details = {
    pid: holder?.pid ?? listener,
    where: holder?.profile ?? (profiles.length === 1 ? profiles[0] : undefined),
  }
  if (browser !== undefined) {
    const url = `http://127.0.0.1:${port}/`
    return [{ source: 'chrome', name: browser, port, url, ...defined(details) }]
  }
  // Where the user has allowed debugging by hand, Chrome 144 and later answers no questions, and is known by its lock alone.
  if (holder === undefined || !(await accepts(port, signal))) return []
  return [{ source: 'chrome', name: 'Chrome', port, ...defined(details) }]
}

/** Node's inspector and others answer as browsers do, each with its own name. */
function browserIn(answer: unknown): string | undefined {
  const name = isRecord(answer) ? textOf(answer.Browser) : undefined
  return name !== undefined && /chrom|edg/i.test(name) ? name.replace('/', ' ') : undefined
}

/** The process that has a profile open, which the link `SingletonLock` names behind the host; not on Windows. */
function holderOf(profile: string): number | undefined {
  try {
    const pid = pidOf(/-(\d+)$/.exec(readlinkSync(join(profile, 'SingletonLock')))?.[1])
    return pid !== undefined && isRunning(pid) ? pid : undefined
  } catch {
    return undefined
  }
}
