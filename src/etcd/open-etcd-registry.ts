/**
 * Opens a registry that several machines share.
 */
import { WsyardError } from '../core/index.js'
import {
  createRegistry,
  parseLocation,
  type Registry,
  type RegistryOptions,
} from '../registry/drivers/index.js'
import { createEtcdDriver } from './create-etcd-driver.js'

export interface EtcdOptions extends RegistryOptions {
  /** Name of an etcd user. @default that in the URL, or none */
  user?: string | undefined
  /** Their password. @default that in the URL, or in the file that it names */
  password?: string | undefined
  /** Certificate of the authority that has signed those of the members, PEM. @default that in the file that the URL names, or those of Node */
  ca?: string | undefined
  /** This client's own certificate, where etcd asks for one, PEM. @default that in the file that the URL names, or none */
  cert?: string | undefined
  /** Its private key, PEM. @default that in the file that the URL names, or none */
  key?: string | undefined
}

/**
 * Opens the registry in etcd at `etcd://[user:password@]host[:2379][,host…][/prefix][?ttl=10]`, or `etcds://` for TLS. Nothing is asked of
 * etcd before the registry is used. `openRegistry` and whatever takes the URL of a registry do the same without the options.
 *
 * @example
 * const registry = openEtcdRegistry('etcd://10.0.0.1,10.0.0.2,10.0.0.3/team-a')
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_URL` when the URL names no etcd, or a file that cannot be read.
 */
export function openEtcdRegistry(url: string, options: EtcdOptions = {}): Registry {
  const location = parseLocation(url, 'The URL')
  if (location.driver !== 'etcd') {
    throw new WsyardError(
      'WSYARD_ERR_REGISTRY_URL',
      `The URL "${url}" names no etcd. Give etcd://host:2379/prefix, or use openRegistry.`,
    )
  }
  return createRegistry(createEtcdDriver(location, options), options)
}
