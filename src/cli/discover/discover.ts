/**
 * Finds servers that other programs have on record in places of their own, for `wsyard ls --discover`. Read only: nothing is written,
 * registered or tidied up, and nothing but loopback is dialled.
 */
import { setMaxListeners } from 'node:events'
import { tmpdir } from 'node:os'
import type { OnWarning } from '../../core/index.js'
import { chrome } from './chrome.js'
import { commandLinesOfUser } from './command-lines.js'
import { devframe } from './devframe.js'
import type { Adapter, Discovered, WellKnownPorts } from './discovered.js'
import { editors } from './editors.js'
import { jupyter } from './jupyter.js'
import { nodeInspectors } from './node-inspectors.js'
import { storybook } from './storybook.js'

export interface DiscoverOptions {
  /** The user's home directory, in which most programs keep their records. */
  home: string
  /** The environment, in which the user may have named other places. */
  env: Readonly<Record<string, string | undefined>>
  /** Whose rules say where records are. @default that of this process */
  platform?: NodeJS.Platform
  /** Where programs keep what is to be forgotten. @default that of the system */
  temporary?: string
  /** Ports that are asked without any record. @default those that each program takes unless it is told otherwise */
  ports?: Partial<WellKnownPorts>
  /** The arguments of this user's processes, which name further ports. @default what the system tells: on Linux alone */
  commandLines?: readonly (readonly string[])[]
  /** After this time, whoever has not answered is left out. @default 1000 */
  timeoutMs?: number
  /** Hears when a directory held more records than are read. */
  onWarning?: OnWarning
}

/** Node counts up from the first when a process forks (`cluster`, and tools that count on themselves). */
const defaultPorts: WellKnownPorts = {
  inspector: Array.from({ length: 10 }, (_, index) => 9229 + index),
  chrome: [9222],
  storybook: [6006],
}

/** One file for each kind of program, in the order of what they find. */
const adapters: readonly Adapter[] = [jupyter, nodeInspectors, chrome, storybook, devframe, editors]

/** Resolves within `timeoutMs`, to those that run now, by kind and then by port. Never rejects for what is on record. */
export async function discover(options: DiscoverOptions): Promise<Discovered[]> {
  const {
    home,
    env,
    platform = process.platform,
    temporary = tmpdir(),
    ports,
    commandLines = commandLinesOfUser(),
    timeoutMs = 1000,
    onWarning = () => {},
  } = options
  const signal = AbortSignal.timeout(timeoutMs)
  setMaxListeners(0, signal) // every question that is asked listens
  const surroundings = {
    home,
    env,
    platform,
    temporary,
    ports: { ...defaultPorts, ...ports },
    commandLines,
    signal,
    onWarning,
  }
  const found = await Promise.all(adapters.map((adapter) => adapter(surroundings)))
  return found.flatMap((servers) => servers.sort((a, b) => a.port - b.port)).map(withShortName)
}

/** Programs write what they like into their records, and people read it in a table. */
const maxNameLength = 100

function withShortName(server: Discovered): Discovered {
  const { name } = server
  return name.length > maxNameLength ? { ...server, name: `${name.slice(0, maxNameLength - 1)}…` } : server
}
