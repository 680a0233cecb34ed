/**
 * Where the registry lives, and what else the environment says of it: the only place, the command aside, that reads it.
 */
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { WsyardError } from '../core/index.js'

/**
 * The registry's directory: `SHIPYARD_HOME`, or else `.shipyard` in the user's home directory.
 *
 * @throws {WsyardError} `WSYARD_ERR_HOME_INVALID` when that is not an absolute path.
 */
export function shipyardHome(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.SHIPYARD_HOME
  if (named !== undefined) return absolute(named, 'SHIPYARD_HOME', 'Set it to an absolute path, or unset it.')
  let home: string
  try {
    home = homedir()
  } catch (cause) {
    const message = 'This user has no home directory. Set SHIPYARD_HOME to an absolute path.'
    throw new WsyardError('WSYARD_ERR_HOME_INVALID', message, { cause })
  }
  return join(absolute(home, 'HOME', 'Set it, or SHIPYARD_HOME, to an absolute path.'), '.shipyard')
}

/** Where the environment says that the registry is: the URLs in `WSYARD_REGISTRY`, with spaces between them. */
export function namedRegistries(env: NodeJS.ProcessEnv = process.env): string[] {
  return env.WSYARD_REGISTRY?.match(/\S+/g) ?? []
}

/**
 * The path itself if it is absolute, so that nothing is ever written into whatever directory a program happens to run in.
 *
 * @param origin where it was given
 * @throws {WsyardError} `WSYARD_ERR_HOME_INVALID` when it is not.
 */
export function absolute(path: string, origin: string, next: string): string {
  if (isAbsolute(path)) return path
  const what = path === '' ? 'is empty' : `is the relative path "${path}"`
  throw new WsyardError('WSYARD_ERR_HOME_INVALID', `${origin} ${what}. ${next}`)
}

/** Under which address the environment says that other machines dial servers of this one: `WSYARD_ADVERTISE`. */
export function namedAddress(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.WSYARD_ADVERTISE === '' ? undefined : env.WSYARD_ADVERTISE
}

/** The networks whose machines may be dialled, as the environment has them: `WSYARD_NETWORKS`, with commas or spaces between them. */
export function namedNetworks(env: NodeJS.ProcessEnv = process.env): string[] {
  return env.WSYARD_NETWORKS?.match(/[^\s,]+/g) ?? []
}
