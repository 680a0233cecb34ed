/**
 * Makes the driver of a registry in etcd from the URL that names it. Loaded by whoever is given such a URL.
 */
import { readFileSync } from 'node:fs'
import { defined, reasonOf, WsyardError } from '../core/index.js'
import { type Driver, type EtcdLocation, sourceOf } from '../registry/drivers/index.js'
import { EtcdDriver } from './etcd-driver.js'
import type { EtcdOptions } from './open-etcd-registry.js'
import { createSeal, type Seal } from './seal.js'

/** Seconds after its last sign of life after which a server is taken out. */
const defaultTtl = 10

export function createEtcdDriver(location: EtcdLocation, options: EtcdOptions = {}): Driver {
  const { user = location.user, onWarning = () => {} } = options
  const password = options.password ?? location.password ?? contentOf(location.passwordFile)?.trim()
  return new EtcdDriver({
    endpoints: location.endpoints,
    prefix: location.prefix,
    source: sourceOf(location),
    credentials: user === undefined ? undefined : { user, password: password ?? '' },
    certificates: defined({
      ca: options.ca ?? contentOf(location.ca),
      cert: options.cert ?? contentOf(location.cert),
      key: options.key ?? contentOf(location.key),
    }),
    seal: sealIn(location.secretFile),
    ttl: location.ttl ?? defaultTtl,
    onWarning,
  })
}

/** With the key in a file, if one is named. */
function sealIn(path: string | undefined): Seal | undefined {
  const text = contentOf(path)
  return path === undefined || text === undefined ? undefined : createSeal(text, path)
}

function contentOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const message = `The URL of the registry names the file "${path}", which cannot be read: ${reasonOf(error)}. Correct its path.`
    throw new WsyardError('WSYARD_ERR_REGISTRY_URL', message, { cause: error, path })
  }
}
