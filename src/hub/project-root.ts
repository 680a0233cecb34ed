/**
 * Reads on whose behalf a hub finds names. Pure.
 */
import { isAbsolute, resolve } from 'node:path'

/**
 * The root of a project as servers have it: without a slash at its end, and without `..`.
 *
 * @throws {TypeError} for what is no absolute path, with the value.
 */
export function projectRoot(scope: unknown): string | undefined {
  if (scope === undefined) return undefined
  if (typeof scope === 'string' && isAbsolute(scope)) return resolve(scope)
  throw new TypeError(
    `scope must be an absolute path such as /home/me/app (got ${JSON.stringify(scope)}); projectOf() of wsyard/registry gives that of a directory`,
  )
}
