/**
 * Opens the registry of this user.
 */
import { createRegistry } from './create-registry.js'
import { FileDriver } from './drivers/file/file-driver.js'
import { createMemoryDriver } from './drivers/memory.js'
import { absolute, shipyardHome } from './home.js'
import type { Registry, RegistryOptions } from './registry.js'

export interface OpenRegistryOptions extends RegistryOptions {
  /**
   * The registry's directory, absolute.
   * @default the environment's `SHIPYARD_HOME`, or else `~/.shipyard`
   */
  home?: string
}

/**
 * Opens the registry on this machine's disk. Nothing is read or written before it is used.
 *
 * @example
 * const registry = openRegistry()
 * for (const { id, port } of await registry.list()) console.log(id, port)
 *
 * @throws {WsyardError} `WSYARD_ERR_HOME_INVALID` when there is no absolute path to keep it in.
 */
export function openRegistry(options: OpenRegistryOptions = {}): Registry {
  const { home, onWarning = () => {} } = options
  const directory =
    home === undefined ? shipyardHome() : absolute(home, 'The option home', 'Give an absolute path, or none.')
  return createRegistry(new FileDriver({ home: directory, onWarning }), { onWarning })
}

/** A registry in this process's memory alone: for tests, and for a hub and servers in one process. */
export function createMemoryRegistry(options: RegistryOptions = {}): Registry {
  return createRegistry(createMemoryDriver(), options)
}
