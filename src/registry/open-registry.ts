/**
 * Opens the registry of this user, or the one that a URL names.
 */
import type { OnWarning } from '../core/index.js'
import { createRegistry } from './create-registry.js'
import { deferDriver } from './drivers/deferred.js'
import type { Driver } from './drivers/driver.js'
import { FileDriver } from './drivers/file/file-driver.js'
import { createMemoryDriver } from './drivers/memory.js'
import { absolute, namedRegistries, shipyardHome } from './home.js'
import { parseLocation, type RegistryLocation, sourceOf } from './location.js'
import type { Registry, RegistryOptions } from './registry.js'

export interface OpenRegistryOptions extends RegistryOptions {
  /**
   * Where the registry is: `file:` for this user's on this machine, `file:///absolute/path` for another directory, or
   * `etcd://host:2379/prefix` for one that several machines share (`docs/guide/several-machines.md`). Several are taken for one: servers
   * register in all of them, and the first, as a rule `file:`, is the one that must be there.
   * @default the environment's `WSYARD_REGISTRY`, with spaces between several, or else `file:`; with `home`, `file:`
   */
  registry?: string | readonly string[]
  /**
   * The directory of the registry `file:`, absolute.
   * @default the environment's `SHIPYARD_HOME`, or else `~/.shipyard`
   */
  home?: string
}

/**
 * Opens a registry. Nothing is read or written, and no connection made, before it is used.
 *
 * @example
 * const registry = openRegistry()
 * for (const { id, port } of await registry.list()) console.log(id, port)
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_URL` for a URL that names no registry, `WSYARD_ERR_HOME_INVALID` when there is no absolute
 *   path to keep it in.
 */
export function openRegistry(options: OpenRegistryOptions = {}): Registry {
  const { home, onWarning = () => {} } = options
  const [first, ...others] = locationsOf(options)
  const open = (location: RegistryLocation): Driver => openDriver(location, home, onWarning)
  return createRegistry(asOne(open(first), others.map(open), onWarning), { onWarning })
}

function asOne(first: Driver, others: readonly Driver[], onWarning: OnWarning): Driver {
  if (others.length === 0) return first
  return deferDriver(undefined, async () => {
    const { mergeDrivers } = await import('./drivers/merged/merged-driver.js')
    return mergeDrivers(first, others, onWarning)
  })
}

function openDriver(location: RegistryLocation, home: string | undefined, onWarning: OnWarning): Driver {
  if (location.driver === 'file') {
    const own = (): string =>
      home === undefined
        ? shipyardHome()
        : absolute(home, 'The option home', 'Give an absolute path, or none.')
    return new FileDriver({ home: location.home ?? own(), onWarning })
  }
  return deferDriver(sourceOf(location), async () => {
    const { createEtcdDriver } = await import('../etcd/create-etcd-driver.js') // for those who have several machines
    return createEtcdDriver(location, { onWarning })
  })
}

/**
 * Where `openRegistry()` finds the registry, to show: a directory, or a URL without its password; several with spaces between them.
 *
 * @throws {WsyardError} as `openRegistry` does.
 */
export function registryPlace(): string {
  const placeOf = (location: RegistryLocation): string =>
    location.driver === 'file' ? (location.home ?? shipyardHome()) : sourceOf(location)
  return locationsOf({}).map(placeOf).join(' ')
}

/** Whether an option that takes a registry or where one is was given one, which is then not closed with whoever was given it. */
export function isRegistry(given: Registry | string | readonly string[] | undefined): given is Registry {
  return typeof given === 'object' && 'register' in given
}

type Locations = readonly [RegistryLocation, ...RegistryLocation[]]

function locationsOf({ registry, home }: OpenRegistryOptions): Locations {
  if (registry !== undefined) return parse([registry].flat(), 'The option registry')
  return parse(home === undefined ? namedRegistries() : [], 'WSYARD_REGISTRY')
}

/** @param urls if there is none, it is the registry of this user on this machine */
function parse([first = 'file:', ...others]: readonly string[], origin: string): Locations {
  return [parseLocation(first, origin), ...others.map((url) => parseLocation(url, origin))]
}

/** A registry in this process's memory alone: for tests, and for a hub and servers in one process. */
export function createMemoryRegistry(options: RegistryOptions = {}): Registry {
  return createRegistry(createMemoryDriver(), options)
}
